import { SparseError } from '../errors.ts';
import { checkInteger, checkOptions } from '../native/check.ts';
import type { SparseMode } from '../sparse/kernel-choice.ts';
import { readStorage, type Storage } from '../sparse/storage.ts';
import { maxThreads } from '../sparse/threads.ts';

/** How a session is made from a plan. */
export interface SessionOptions {
  /** 'auto' (default): the fastest path per layer. 'always': sparse wherever a weight has a zero. 'never': dense. */
  sparse?: SparseMode;
  /** Threads of one run; default 1. */
  threads?: number;
  /** Batch sizes to plan for (others still work); default [1, 16]. */
  batch?: readonly number[];
  /**
   * How the weights of dense layers and convolutions are kept in memory; default 'float32'. Half or a quarter of the bytes
   * make layers faster that wait for their weights; sums are float32 always.
   */
  storage?: Storage;
  /** Time the candidates once on this CPU instead of asking the cost model; default false. */
  tune?: boolean;
}

export interface ReadSessionOptions {
  sparse: SparseMode;
  threads: number;
  batch: readonly number[];
  storage: Storage;
  tune: boolean;
}

const modes: readonly string[] = ['auto', 'always', 'never'] satisfies SparseMode[];

/** The names of {@link SessionOptions}. */
export const sessionOptionNames = ['sparse', 'threads', 'batch', 'storage', 'tune'] as const;

/**
 * Options with their defaults.
 *
 * @throws {@link SparseError} `ERR_SPARSE_OPTION`, `ERR_SPARSE_ARGUMENT`
 */
export function readSessionOptions(
  what: string,
  options: SessionOptions | undefined,
  names: readonly string[] = sessionOptionNames,
): ReadSessionOptions {
  checkOptions(what, options, [...names]);
  const { sparse = 'auto', threads = 1, batch = [1, 16], tune = false } = options ?? {};
  if (!modes.includes(sparse)) throw optionError(what, 'sparse', `one of ${modes.join(', ')}`, sparse);
  if (typeof tune !== 'boolean') throw optionError(what, 'tune', 'true or false', tune);
  if (!Array.isArray(batch) || batch.length === 0)
    throw optionError(what, 'batch', 'an array of at least one batch size', batch);
  const storage = readStorage(what, options?.storage);
  for (const size of batch) checkInteger(what, 'batch', size, 1);
  return { sparse, threads: checkInteger(what, 'threads', threads, 1, maxThreads), batch, storage, tune };
}

function optionError(what: string, name: string, expected: string, received: unknown): SparseError {
  const shown = JSON.stringify(received) ?? String(received);
  return new SparseError('ERR_SPARSE_OPTION', `${what}: ${name} is ${shown}, expected ${expected}.`, {
    tensor: name,
    expected,
    received,
  });
}
