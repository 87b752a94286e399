const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The three forms of a date in HTTP: today's (IMF-fixdate), that of RFC 850, and that of C's asctime. */
const forms = [
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/,
];

/**
 * The date of an HTTP header, in milliseconds of the epoch, or `undefined` for what is none. `now`, of the epoch as well, tells the century of a
 * year of two digits. All forms are in GMT, where `Date.parse` takes the last one for local time, and much that is no date for one.
 *
 * @example
 * ```ts
 * parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT', Date.now()); // 784_111_777_000
 * ```
 * @see RFC 9110, section 5.6.7
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  for (const form of forms) {
    const { day, month = '', year = '', time = '' } = form.exec(text)?.groups ?? {};
    if (day === undefined) continue;
    const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
    const date = new Date(0);
    date.setUTCFullYear(
      year.length === 2 ? fullYear(Number(year), now) : Number(year),
      months.indexOf(month),
      Number(day),
    );
    // A day or month that does not exist rolls over into another month; a leap second is legal.
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
