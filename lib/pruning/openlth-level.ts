import { SparseError } from '../errors.ts';
import { checkArray, checkFloat32Array, checkFraction } from '../native/check.ts';
import { cutMask } from '../sparse/flat-mask.ts';
import type { Mask } from '../sparse/structure.ts';
import { countOnes } from '../sparse/structured-mask.ts';

/** A weight after the training of a level. */
export interface LevelWeight {
  /** Name, in errors and to ignore it by. */ readonly name: string;
  /** Trained values; pruned ones may have any value. */ readonly values: Float32Array;
  /** Mask of the level; default: nothing is pruned. */ readonly mask?: Mask | undefined;
}

/** The masks of the next level. */
export interface NextLevel {
  /** Weights that this level had left, ignored ones counted. */ remaining: number;
  /** ceil(fraction · remaining): what OpenLTH means to prune; it prunes one more, and more on a tie. */ toPrune: number;
  /** The highest magnitude that is pruned. */ threshold: number;
  /** In the order of the weights. */ masks: Mask[];
  /** Ones of all masks. */ kept: number;
}

/** How many weights a level has left, ignored ones counted, and how many of them OpenLTH means to prune. */
export function openLthCount(
  masks: readonly Mask[],
  fraction: number,
): {
  /** Ones of all masks. */ remaining: number;
  /** ceil(fraction · remaining). */ toPrune: number;
} {
  const remaining = masks.reduce((total, mask) => total + countOnes(mask), 0);
  return { remaining, toPrune: Math.ceil(fraction * remaining) };
}

/**
 * One level of iterative magnitude pruning by OpenLTH's own rule: with n = ceil(fraction · remaining), the threshold is the
 * (n + 1)-th smallest magnitude of what is left in weights that are not ignored, and only what is above it stays.
 *
 * @param ignore - names of weights that keep their masks; they count in `remaining` all the same, so that ignoring a large
 *   one prunes the others harder
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` where OpenLTH fails: n reaches the number of weights that are ranked;
 * `ERR_SPARSE_NAN` naming the weight
 * @see Frankle & Carbin 2019, arXiv:1803.03635; OpenLTH, `pruning/sparse_global.py`
 */
export function openLthLevel(
  weights: readonly LevelWeight[],
  fraction: number,
  ignore: readonly string[] = [],
): NextLevel {
  const what = 'openLthLevel';
  checkFraction(what, 'fraction', fraction);
  const masks = weights.map(({ name, values, mask }) => {
    checkFloat32Array(what, name, values);
    const given = mask ?? new Uint8Array(values.length).fill(1);
    return checkArray(what, `mask of ${name}`, 'Uint8Array', given, values.length).slice();
  });
  const unknown = ignore.find((name) => !weights.some((weight) => weight.name === name));
  if (unknown !== undefined) {
    const names = weights.map(({ name }) => name);
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: no weight "${unknown}" to ignore, expected one of ${names.join(', ')}.`,
      { tensor: unknown, expected: names, received: unknown },
    );
  }
  const ranked = weights.flatMap((weight, w) => (ignore.includes(weight.name) ? [] : [w]));
  const { remaining, toPrune } = openLthCount(masks, fraction);
  const size = ranked.reduce((total, w) => total + countOnes(masks[w]!), 0);
  if (toPrune >= size) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: cannot prune ${toPrune} of ${size} weights (${remaining} with the ignored ones): the threshold would lie ` +
        'past the last. Lower the fraction or ignore less.',
      { tensor: 'fraction', expected: `fewer than ${size} to prune`, received: toPrune },
    );
  }
  const left = new Float32Array(size);
  let at = 0;
  for (const w of ranked) {
    const [values, mask] = [weights[w]!.values, masks[w]!];
    for (let i = 0; i < values.length; i++) if (mask[i] === 1) left[at++] = values[i]!;
  }
  const name = ranked.map((w) => weights[w]!.name).join(', ');
  const cut = { keep: 'from', rank: toPrune + 1, ties: 'drop' } as const;
  const { mask: bits, threshold } = cutMask(
    { what, name, values: left, magnitude: true },
    cut,
    new Uint8Array(size),
  );
  at = 0;
  for (const w of ranked) {
    const mask = masks[w]!;
    for (let i = 0; i < mask.length; i++) if (mask[i] === 1) mask[i] = bits[at++]!;
  }
  return {
    remaining,
    toPrune,
    threshold,
    masks,
    kept: masks.reduce((total, mask) => total + countOnes(mask), 0),
  };
}
