/** @see https://www.w3.org/TR/baggage/#limits */
const mostEntries = 180;
const mostBytesOfEntry = 4_096;
const mostBytes = 8_192;

/** The value of a member: what a URI component is encoded to, and some more. */
const baggageOctets = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;

/** What the name of a key is on the wire: as it is, or percent-encoded where it is no token. Undefined if it cannot be written at all. */
export function baggageName(name: string): string | undefined {
  return encode(name)?.replace(/[()]/g, (parenthesis) => (parenthesis === '(' ? '%28' : '%29')) || undefined;
}

/** Values by their names on the wire. Of members that are malformed, without a name or beyond the limits there are none; of two of one name the last counts. */
export function parseBaggage(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const member of membersOf(text)) {
    const [pair = ''] = member.split(';', 1);
    const name = nameOf(pair);
    const value = decode(pair.slice(pair.indexOf('=') + 1).trim());
    if (name !== '' && value !== undefined) values.set(name, value);
  }
  return values;
}

/** `text` with these values by their names on the wire, in the place of those of the same names; those beyond the limits are left out. Undefined if there was nothing and is nothing. */
export function addToBaggage(text: string | undefined, values: ReadonlyMap<string, string>): string | undefined {
  const given = text === undefined ? [] : text.split(',');
  const members = given.filter((member) => member.trim() !== '' && !values.has(nameOf(member)));
  let bytes = members.join(',').length;
  for (const [name, value] of values) {
    const encoded = encode(value);
    if (encoded === undefined) continue;
    const member = `${name}=${encoded}`;
    const withMember = bytes + member.length + (members.length === 0 ? 0 : 1);
    if (member.length > mostBytesOfEntry || withMember > mostBytes || members.length >= mostEntries) continue;
    members.push(member);
    bytes = withMember;
  }
  return text === undefined && members.length === 0 ? undefined : members.join(',');
}

/** Those within the limits. A longer text is looked at no further than they go, whoever sent it. */
function* membersOf(text: string): Generator<string> {
  for (let start = 0, count = 0; start < text.length && count < mostEntries; count++) {
    const comma = text.indexOf(',', start);
    const end = comma === -1 ? text.length : comma;
    if (end > mostBytes) return;
    if (end - start <= mostBytesOfEntry) yield text.slice(start, end);
    start = end + 1;
  }
}

function nameOf(member: string): string {
  return member.slice(0, Math.max(0, member.indexOf('='))).trim();
}

function encode(value: string): string | undefined {
  try {
    return encodeURIComponent(value);
  } catch {
    return undefined; // half of a surrogate pair
  }
}

function decode(value: string): string | undefined {
  if (!baggageOctets.test(value)) return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined; // no UTF-8
  }
}
