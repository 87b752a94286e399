import { findExamples } from './examples.ts';
import { nx } from './nx.ts';
import { tour } from './tour.ts';

/** `npm start`: the examples as a guided tour. `-- --list` lists them, `-- NAME ...` runs those named. */
export async function main(root: string, args: readonly string[]): Promise<number> {
  const examples = findExamples(root);
  if (args.includes('--list')) {
    for (const { name, description } of examples) console.log(`${name.padEnd(24)} ${description}`);
    return 0;
  }
  const unknown = args.filter((arg) => !examples.some(({ name }) => name === arg));
  if (unknown.length > 0) {
    console.error(`No such example: ${unknown.join(', ')}. There are: ${examples.map(({ name }) => name).join(', ')}.`);
    return 1;
  }

  console.log('Building the packages: the examples use them as you would, built.');
  const built = await nx(root, ['run-many', '-t', 'build']);
  if (built !== 0) return built;
  return tour(args.length === 0 ? examples : examples.filter(({ name }) => args.includes(name)));
}
