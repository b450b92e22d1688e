/**
 * The seed of one part of a study, made of the study's own and the part's name: parts draw different numbers, and
 * the same ones whichever parts were done before, in this process or in an earlier one.
 *
 * @returns 32 bits: FNV-1a of the text
 */
export function seedOf(seed: number, ...part: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode([seed, ...part].join('/'))) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}
