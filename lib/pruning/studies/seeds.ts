import { textHash } from '../text-hash.ts';

/**
 * The seed of one part of a study, made of the study's own and the part's name: parts draw different numbers, and
 * the same ones whichever parts were done before, in this process or in an earlier one.
 *
 * @returns 32 bits
 */
export function seedOf(seed: number, ...part: readonly (string | number)[]): number {
  return textHash([seed, ...part].join('/'));
}
