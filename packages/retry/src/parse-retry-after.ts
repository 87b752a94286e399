const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The three forms of a date in HTTP: today's, that of RFC 850, and that of C's asctime. All are in GMT. */
const dateForms = [
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/,
];

/**
 * `Retry-After`, in milliseconds from `now` (epoch, `Date.now()` by default): seconds (a non-negative integer) or an HTTP date.
 * A past date is 0, anything else `undefined`. Stricter than `Date.parse`, to which `-5` and `1.5` are dates.
 *
 * @example
 * ```ts
 * parseRetryAfter('120'); // 120_000
 * ```
 * @see RFC 9110, sections 10.2.3 and 5.6.7
 */
export function parseRetryAfter(header: string | null | undefined, now: number = Date.now()): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = parseHttpDate(text, now);
  return at === undefined ? undefined : Math.max(0, at - now);
}

function parseHttpDate(text: string, now: number): number | undefined {
  for (const form of dateForms) {
    const { day, month = '', year = '', time = '' } = form.exec(text)?.groups ?? {};
    if (day === undefined) continue;
    const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
    const date = new Date(0);
    date.setUTCFullYear(
      year.length === 2 ? fullYear(Number(year), now) : Number(year),
      months.indexOf(month),
      Number(day),
    );
    // A day or month that does not exist rolls over into another month, a leap second is legal.
    if (date.getUTCMonth() !== months.indexOf(month)) return undefined;
    return hours > 23 || minutes > 59 || seconds > 60 ? undefined : date.setUTCHours(hours, minutes, seconds);
  }
  return undefined;
}

/** Two digits that seem to lie more than 50 years ahead are the past year with the same last digits. */
function fullYear(lastDigits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear();
  const inThisCentury = thisYear - (thisYear % 100) + lastDigits;
  return inThisCentury > thisYear + 50 ? inThisCentury - 100 : inThisCentury;
}
