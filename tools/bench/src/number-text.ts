/** With a decimal below 10, and thousands apart. */
export function quantity(value: number): string {
  if (value < 9.95) return value.toFixed(1);
  return value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** How many times as much: `1.27x`, `12 345x`. */
export function factor(value: number): string {
  return `${value < 9.95 ? value.toFixed(2) : quantity(value)}x`;
}
