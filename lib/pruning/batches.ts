import type { Tensor } from '@tensorflow/tfjs-core';
import { SparseError, shown } from '../errors.ts';
import { throwIfAborted } from '../native/abort.ts';
import { tfc } from './peers.ts';

/** Inputs of a model, and where a loss is taken its targets; lists for several inputs or outputs. */
export interface Batch {
  /** [batch, …] */ xs: Tensor | Tensor[];
  /** [batch, …] */ ys?: Tensor | Tensor[];
}

/** Batches at hand or made one by one. */
export type Batches = Iterable<Batch> | AsyncIterable<Batch>;

function keep(value: unknown, name: string, what: string): Tensor | Tensor[] {
  const list = Array.isArray(value) ? value : [value];
  for (const tensor of list) {
    if (tensor instanceof tfc.Tensor && !tensor.isDisposed) continue;
    const received = tensor instanceof tfc.Tensor ? 'a disposed tensor' : shown(tensor);
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${what}: data: ${name} is ${received}, expected a tensor of this TensorFlow.js.`,
      { tensor: name, expected: 'Tensor', received },
    );
  }
  const kept = list.map((tensor: Tensor) => tfc.keep(tensor.clone()));
  return Array.isArray(value) ? kept : kept[0]!;
}

/**
 * All batches, as clones (which share memory), so that they can be gone through more than once and the caller may
 * dispose the given ones.
 *
 * @throws {@link SparseError} `ERR_SPARSE_ARGUMENT` when `data` is missing, empty or holds something else
 */
export async function collectBatches(
  what: string,
  data: Batches | undefined,
  signal?: AbortSignal,
): Promise<{ xs: Tensor | Tensor[]; ys?: Tensor | Tensor[] }[]> {
  const iterable = data as Partial<Iterable<Batch> & AsyncIterable<Batch>> | undefined;
  if (
    typeof iterable?.[Symbol.asyncIterator] !== 'function' &&
    typeof iterable?.[Symbol.iterator] !== 'function'
  ) {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${what}: data is ${data === undefined ? 'missing' : shown(data)}, expected batches: { xs, ys }[] or an iterable of such.`,
      {
        tensor: 'data',
        expected: 'iterable of { xs, ys }',
        received: data === undefined ? undefined : typeof data,
      },
    );
  }
  const batches: Batch[] = [];
  try {
    for await (const batch of data!) {
      throwIfAborted(what, signal);
      const { xs, ys } = (batch ?? {}) as Partial<Batch>;
      const one: Batch = { xs: keep(xs, 'xs', what) };
      batches.push(one);
      if (ys !== undefined && ys !== null) one.ys = keep(ys, 'ys', what);
    }
    if (batches.length > 0) return batches;
  } catch (error) {
    disposeBatches(batches);
    throw error;
  }
  throw new SparseError('ERR_SPARSE_ARGUMENT', `${what}: data has no batch, expected at least one.`, {
    tensor: 'data',
    expected: 'at least one batch',
    received: 0,
  });
}

/** Frees what {@link collectBatches} cloned. */
export function disposeBatches(batches: readonly Batch[]): void {
  for (const { xs, ys } of batches) tfc.dispose([xs, ys ?? []].flat());
}
