import { SparseError } from '../errors.ts';
import { native } from '../native/load.ts';

/**
 * How the weights of dense layers and convolutions lie in memory; sums are float32 always.
 * - `float32`: as they are.
 * - `bfloat16`: the upper half of a float32, to the nearest: off by 2⁻⁸ of a weight at most.
 * - `int8`: whole numbers from −127 to 127 and one scale per output, its largest magnitude / 127: off by half a scale at
 *   most. Finite weights only.
 */
export type Storage = 'float32' | 'bfloat16' | 'int8';

/** Every {@link Storage}. */
export const storages: readonly Storage[] = ['float32', 'bfloat16', 'int8'];

/** Bytes of one weight. */
export const storageBytes: Readonly<Record<Storage, number>> = { float32: 4, bfloat16: 2, int8: 1 };

let numbers: Map<string, number> | undefined;

/** The number that C++ gives a storage. */
export function storageNumber(storage: Storage): number {
  numbers ??= new Map(
    native()
      .tables()
      .storages.map((name, index) => [name, index]),
  );
  return numbers.get(storage)!;
}

/**
 * An option `storage`, checked.
 *
 * @param what - function that was called, for the message
 * @throws {@link SparseError} `ERR_SPARSE_OPTION`
 */
export function readStorage(what: string, storage: unknown = 'float32'): Storage {
  if (storages.includes(storage as Storage)) return storage as Storage;
  const shown = JSON.stringify(storage) ?? String(storage);
  throw new SparseError(
    'ERR_SPARSE_OPTION',
    `${what}: storage is ${shown}, expected one of ${storages.join(', ')}.`,
    { tensor: 'storage', expected: storages, received: storage },
  );
}

/**
 * Refuses a weight that a storage cannot hold.
 *
 * @param weight - [n, k]
 * @param facts - whose weight it is, for the error
 * @throws {@link SparseError} `ERR_SPARSE_STORAGE` with the place of the first value that is not finite
 */
export function checkStorable(
  what: string,
  storage: Storage,
  weight: Float32Array,
  facts: { layer?: string; tensor: string },
): void {
  if (storage !== 'int8') return;
  const place = weight.findIndex((value) => !Number.isFinite(value));
  if (place < 0) return;
  const received = weight[place];
  const whose = facts.layer === undefined ? facts.tensor : `${facts.tensor} of layer "${facts.layer}"`;
  throw new SparseError(
    'ERR_SPARSE_STORAGE',
    `${what}: ${whose} is ${received} at position ${place}, expected finite weights for storage "int8". ` +
      'Use "float32" or "bfloat16", or repair the model.',
    { ...facts, expected: 'finite weights', received },
  );
}
