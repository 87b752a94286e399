const stepMs = 50;
const steps = 60;

/** How many there were in each step of time, one character a step. */
export function plot(name: string, timesMs: readonly number[]): void {
  const counts = new Array<number>(steps).fill(0);
  for (const ms of timesMs) {
    const step = Math.floor(ms / stepMs);
    if (step < steps) counts[step] = (counts[step] ?? 0) + 1;
  }
  console.log(`  ${name.padEnd(14)}${counts.map((count) => (count === 0 ? '·' : String(count))).join('')}`);
}
