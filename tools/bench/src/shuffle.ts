/** A uniformly random order (Fisher and Yates), the same for the same `random`. */
export function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled: T[] = [];
  for (const [index, item] of items.entries()) {
    const place = Math.floor(random() * (index + 1));
    shuffled.push(item);
    // The item goes to `place`, the one that was there to the end. The first assignment is a no-op for the last place.
    shuffled[index] = shuffled[place] ?? item;
    shuffled[place] = item;
  }
  return shuffled;
}

/** Numbers in [0, 1) that depend on the seed alone: mulberry32 by Tommy Ettinger, public domain. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
