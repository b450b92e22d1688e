/**
 * Repeatable pseudo-random numbers for inputs that stand for real ones: the same seed gives the same numbers on
 * every machine. Not for security.
 *
 * @returns a function that gives numbers in [0, 1), 32 bits each
 * @see Vigna & Blackman's splitmix generator, the 32-bit mixing constants of MurmurHash3's finalizer
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** `length` numbers in [0, 1), of 24 bits, so that each is a float32 exactly. */
export function randomValues(length: number, seed: number): Float32Array {
  const next = seededRandom(seed);
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = Math.floor(next() * 2 ** 24) / 2 ** 24;
  return values;
}

/** The numbers 0 … length − 1 in a random order (Fisher and Yates's shuffle). */
export function randomOrder(length: number, seed: number): Int32Array {
  const next = seededRandom(seed);
  const order = Int32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
  return order;
}
