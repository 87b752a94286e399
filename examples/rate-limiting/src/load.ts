import autocannon from 'autocannon';

export interface Answers {
  readonly sent: number;
  /** With 200. */
  readonly passed: number;
  /** With 429. */
  readonly refused: number;
}

/** Sends so many requests over ten connections, as fast as it can; `userOf` says who sends the nth. */
export async function load(url: string, amount: number, userOf: (n: number) => string): Promise<Answers> {
  const passed = new Map<number, number>();
  let n = 0;
  await autocannon({
    url,
    amount,
    connections: 10,
    sampleInt: 100,
    requests: [
      {
        setupRequest: (request) => ({ ...request, headers: { ...request.headers, 'x-user': userOf(n++) } }),
        onResponse: (status) => {
          passed.set(status, (passed.get(status) ?? 0) + 1);
        },
      },
    ],
  });
  return { sent: amount, passed: passed.get(200) ?? 0, refused: passed.get(429) ?? 0 };
}
