/** @throws {TypeError} for what is there and no function */
export function checkCallback(option: string, callback: unknown): void {
  if (callback === undefined || typeof callback === 'function') return;
  throw new TypeError(`${option} must be a function, got ${typeof callback}`);
}
