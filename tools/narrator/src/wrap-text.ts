/** Lines of at most `columns` characters, broken between words. A longer word has a line of its own. */
export function wrapText(
  text: string,
  { columns = 80, indent = '' }: { columns?: number; indent?: string } = {},
): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > columns) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(indent + line);
  return lines.join('\n');
}
