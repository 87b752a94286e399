import { checkNumber } from '@patterns/context/internal';

export function checkCount(option: string, value: number, least: number = 1): void {
  checkNumber(option, value, Number.isInteger(value) && value >= least, `an integer of at least ${least}`);
}

export function checkShare(option: string, value: number): void {
  checkNumber(option, value, value > 0 && value <= 1, 'above 0 and at most 1');
}
