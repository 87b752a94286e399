const introduction = `# Results

Written by \`npm run bench\`; what it says is explained in the [README](README.md). Nanoseconds per operation, or bytes of heap: the median
over all rounds, then (lowest-highest). **Only ratios inside one row count**: the same machine is twice as fast on another day.
`;

/**
 * The text of RESULTS.md with the section of that title put in, in the place of the one that has it already; the others stay as they are.
 * Sections are in the order of their titles.
 */
export function replaceSection(results: string, title: string, body: string): string {
  const sections = new Map<string, string>();
  for (const section of results.split(/^## /m).slice(1)) {
    const endOfTitle = section.indexOf('\n');
    sections.set(section.slice(0, endOfTitle).trim(), section.slice(endOfTitle).trim());
  }
  sections.set(title, body.trim());
  const inOrder = [...sections].sort(([a], [b]) => (a < b ? -1 : 1));
  return [introduction, ...inOrder.map(([name, text]) => `## ${name}\n\n${text}\n`)].join('\n');
}
