import { table } from './table.ts';

it('lists consumers down and packages across', () => {
  const rows = [
    {
      consumer: 'ES module',
      verdicts: [
        { kind: 'ok', seconds: 0.14 },
        { kind: 'failed', seconds: 12 },
      ],
    },
    { consumer: 'neutral bundle', verdicts: [{ kind: 'not claimed' }, { kind: 'not run' }] },
  ] as const;
  expect(table(['@patterns/errors', 'b'], rows)).toBe(
    [
      '                @patterns/errors  b',
      'ES module       ok 0.1 s          FAILED 12.0 s',
      'neutral bundle  -                 not run',
    ].join('\n'),
  );
});
