import { say, scene, paint } from '@patterns-tools/narrator';
import { nx } from './nx.ts';
import { findExamples, type Example } from './examples.ts';
import { runExample, type ExampleResult } from './run-example.ts';

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
  return tour(root, args.length === 0 ? examples : examples.filter(({ name }) => args.includes(name)));
}

async function tour(root: string, examples: readonly Example[]): Promise<number> {
  console.log('Building the packages, as the examples use them built.');
  const built = await nx(root, ['run-many', '-t', 'build', '--output-style=static']);
  if (built !== 0) return built;

  const results: ExampleResult[] = [];
  for (const [index, example] of examples.entries()) {
    scene(`[${index + 1}/${examples.length}] ${example.name}`);
    say(example.description);
    const result = await runExample(example);
    if (result.interrupted) return result.exitCode;
    results.push(result);
  }
  summarize(results);
  return results.every(({ problem }) => problem === undefined) ? 0 : 1;
}

function summarize(results: readonly ExampleResult[]): void {
  scene('Summary');
  for (const { example, problem, claims, seconds } of results) {
    const outcome = problem === undefined ? paint('green', 'ok    ') : paint('red', 'FAILED');
    const time = `${seconds.toFixed(1).padStart(5)} s`;
    console.log(
      `  ${outcome} ${example.name.padEnd(24)} ${String(claims).padStart(3)} checked ${time}  ${problem ?? ''}`.trimEnd(),
    );
  }
}
