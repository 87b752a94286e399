const queue = process.env['JOBS_URL'] ?? '';

/** The next job, which is ours from then on: it has to be completed or handed back. Undefined: there is none. */
export async function acceptJob(): Promise<number | undefined> {
  const response = await ask('/accept');
  return response.status === 204 ? undefined : Number(await response.text());
}

export async function completeJob(job: number): Promise<void> {
  await ask(`/complete/${job}`);
}

export async function handBackJob(job: number): Promise<void> {
  await ask(`/hand-back/${job}`);
}

/** Never given up half-way: who does not hear the answer does not know whose the job is. */
async function ask(path: string): Promise<Response> {
  const response = await fetch(queue + path, { method: 'POST' });
  if (!response.ok) throw new Error(`the queue answered ${response.status} to ${path}`);
  return response;
}
