import { err, join, ok, type JoinedError, type Result } from '@patterns/errors';
import { InvalidField } from './library-errors.ts';

export interface Loan {
  readonly reader: string;
  readonly days: number;
}

/** Faults of a form are what one expects of forms: they are values, and all of them are wanted, not the first. */
export function parseLoan(form: Readonly<Record<string, string>>): Result<Loan, JoinedError> {
  const reader = parseReader(form['reader']);
  const days = parseDays(form['days']);
  if (reader.ok && days.ok) return ok({ reader: reader.value, days: days.value });
  return err(join(reader.error, days.error) as JoinedError);
}

function parseReader(text = ''): Result<string, InvalidField> {
  return text === '' ? err(new InvalidField({ field: 'reader', rule: 'a name' })) : ok(text);
}

function parseDays(text = ''): Result<number, InvalidField> {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= 30) return ok(days);
  return err(new InvalidField({ field: 'days', rule: 'a whole number from 1 to 30' }));
}
