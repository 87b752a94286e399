import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { as, classify, fromProblem, is, toProblem, wrap } from '@patterns/errors';
import { lend } from './lending.ts';
import { BookNotFound, closed, OnLoan } from './library-errors.ts';

/** An error leaves one process as RFC 9457 problem details and is itself again in the other. */
export async function overHttp(): Promise<void> {
  scene('Over HTTP');
  say(
    'The library gets a counter: an HTTP service. Its errors go out as problem details, its clients make errors of them again.',
  );
  youShouldSee('a status for each, what is on the wire, and that none of the inner layers is.');

  const server = await openCounter();
  const { port } = server.address() as AddressInfo;
  const answers = new Map<string, unknown>();
  let wire = '';
  for (const id of ['moby-dick', 'dubliners', 'ulysses', 'anything?sunday']) {
    const response = await fetch(`http://127.0.0.1:${port}/${id}`);
    const text = await response.text();
    console.log(`\n  ${response.status} ${id}`);
    for (const [name, value] of Object.entries(JSON.parse(text) as object)) console.log(`      ${name}: ${value}`);
    wire += text;
    answers.set(id, fromProblem(JSON.parse(text)));
  }
  server.close();
  console.log();

  const missing = answers.get('dubliners');
  check(missing instanceof BookNotFound && is(missing, BookNotFound), 'the client got an instance of the very class');
  check(as(answers.get('moby-dick'), OnLoan)?.code === 'ON_LOAN', 'with its code, for a switch');
  check(answers.get('anything?sunday') === closed, 'a sentinel came back as the very object');
  check(
    classify(answers.get('ulysses')).kind === 'transient',
    'of an error that nobody declared it knows what a 500 means',
  );
  check(!/ENOENT|shelf|SyntaxError|Ada|lending to/.test(wire), 'nothing of files, layers or readers was on the wire');
}

async function openCounter(): Promise<Server> {
  const server = createServer((req, res) => {
    void (async () => {
      const { pathname, search } = new URL(req.url ?? '/', 'http://localhost');
      try {
        if (search === '?sunday') throw wrap(closed, 'on a Sunday');
        res.end(JSON.stringify(await lend(pathname.slice(1), 'Ada')));
      } catch (error) {
        const problem = toProblem(error);
        res.writeHead(problem.status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
      }
    })();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}
