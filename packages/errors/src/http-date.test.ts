import { parseHttpDate } from './http-date.ts';

const now = Date.UTC(2026, 0, 1);
const example = Date.UTC(1994, 10, 6, 8, 49, 37);

describe('parseHttpDate', () => {
  it.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', example],
    ['Sunday, 06-Nov-94 08:49:37 GMT', example],
    ['Sun Nov  6 08:49:37 1994', example],
    ['Wed Nov 16 08:49:37 1994', example + 10 * 86_400_000],
    ['Sun, 06 Nov 1994 08:49:60 GMT', example + 23_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['Wednesday, 01-Jan-76 00:00:00 GMT', Date.UTC(2076, 0, 1)],
    ['Saturday, 01-Jan-77 00:00:00 GMT', Date.UTC(1977, 0, 1)],
  ])('reads %j', (text, expected) => {
    expect(parseHttpDate(text, now)).toBe(expected);
  });

  it.each([
    '',
    '0',
    '2030',
    'foo 2030',
    'garbage 1',
    'May',
    'Retry later 10',
    '2026-01-01T00:00:30Z',
    'Sun, 06 Nov 1994',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'sun, 06 nov 1994 08:49:37 gmt',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'on Sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT or so',
    'Sun, 06-Nov-94 08:49:37 GMT',
    'Sunday, 06-Nov-1994 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994 GMT',
    'Sun Nov 6 08:49:37 1994',
  ])('ignores %j', (text) => {
    expect(parseHttpDate(text, now)).toBeUndefined();
  });

  it('knows the months and the last second of a day, in all three forms', () => {
    for (let month = 0; month < 12; month++) {
      const at = Date.UTC(1994, month, 28, 23, 59, 59);
      const utc = new Date(at).toUTCString();
      const [day, name] = [utc.slice(0, 3), utc.slice(8, 11)];
      const longDay = new Intl.DateTimeFormat('en-US', { weekday: 'long', timeZone: 'UTC' }).format(at);
      const forms = [utc, `${longDay}, 28-${name}-94 23:59:59 GMT`, `${day} ${name} 28 23:59:59 1994`];
      expect(forms.map((text) => parseHttpDate(text, now))).toEqual([at, at, at]);
    }
  });
});
