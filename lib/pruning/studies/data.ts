import { createHash } from 'node:crypto';
import type { Tensor } from '@tensorflow/tfjs-core';
import { SparseError, shown } from '../../errors.ts';
import { isRecord } from '../../io/is-record.ts';
import { describeType } from '../../native/check.ts';
import { randomOrder } from '../../sparse/random.ts';
import { tfc } from '../peers.ts';

/** One batch: examples along the first axis of both tensors. */
export interface StudyBatch {
  /** Inputs, [batch, ...]. */ xs: Tensor;
  /** Targets, [batch, ...], as the model's loss wants them. */ ys: Tensor;
}

/** Values in memory, row-major. */
export interface ArrayValues {
  /** As many as `shape` holds; a Float32Array becomes a float32 tensor, the others int32. */
  values: Float32Array | Int32Array | Uint8Array;
  /** [examples, ...]. */ shape: readonly number[];
}

/** All examples in memory; a study shuffles them itself. Tensors stay the caller's. */
export interface MemoryData {
  /** Inputs, [examples, ...]. */ xs: Tensor | ArrayValues;
  /** Targets, [examples, ...], as the model's loss wants them. */ ys: Tensor | ArrayValues;
}

/**
 * Gives the batches of one epoch (from 0) in the order that the seed stands for: equal arguments, equal batches. The
 * study disposes each batch. The batch size is then the function's own.
 */
export type BatchSource = (order: {
  epoch: number;
  seed: number;
}) => Iterable<StudyBatch> | AsyncIterable<StudyBatch>;

/** Examples of a model with one input and one output: in memory, or batch by batch. */
export type StudyData = MemoryData | BatchSource;

/** Data made ready for a study. */
export interface OpenData {
  /** Examples; `undefined` where only the function knows. */ readonly examples: number | undefined;
  /**
   * The batches of one epoch from batch `from` on. Each is disposed when the next one is asked for.
   *
   * @param order - `undefined`: as they are, for evaluating
   */
  batches(
    order: { epoch: number; seed: number } | undefined,
    batchSize: number,
    from?: number,
  ): AsyncGenerator<StudyBatch>;
  /** Tells data apart; a function cannot be looked into. */ fingerprint(): string;
  dispose(): void;
}

function toTensor(what: string, given: Tensor | ArrayValues): { tensor: Tensor; own: boolean } {
  if (given instanceof tfc.Tensor) return { tensor: given, own: false };
  if (!isRecord(given) || !ArrayBuffer.isView(given.values) || !Array.isArray(given.shape)) {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${what} is ${describeType(given)}, expected a tensor or { values: typed array, shape }.`,
      { tensor: what, expected: 'tensor or { values, shape }', received: describeType(given) },
    );
  }
  const { values, shape } = given as unknown as ArrayValues;
  const size = shape.reduce((product, axis) => product * axis, 1);
  if (size !== values.length) {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `${what}: shape [${shape.join(', ')}] holds ${size} values, received ${values.length}.`,
      { tensor: what, expected: size, received: values.length },
    );
  }
  const dtype = values instanceof Float32Array ? 'float32' : 'int32';
  return { tensor: tfc.tensor(values, [...shape], dtype), own: true };
}

function openMemory(what: string, data: MemoryData): OpenData {
  const [x, y] = [toTensor(`${what}.xs`, data.xs), toTensor(`${what}.ys`, data.ys)];
  const examples = x.tensor.shape[0] ?? 0;
  if (examples === 0 || y.tensor.shape[0] !== examples) {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `${what}: xs is [${x.tensor.shape.join(', ')}], ys is [${y.tensor.shape.join(', ')}]; expected as many examples ` +
        'in both, at least one.',
      { tensor: what, expected: x.tensor.shape, received: y.tensor.shape },
    );
  }
  return {
    examples,
    async *batches(order, batchSize, from = 0) {
      const all = order && randomOrder(examples, order.seed);
      for (let begin = from * batchSize; begin < examples; begin += batchSize) {
        const count = Math.min(batchSize, examples - begin);
        const take = ({ tensor }: { tensor: Tensor }): Tensor =>
          tfc.tidy(() =>
            all
              ? tfc.gather(tensor, tfc.tensor1d(all.slice(begin, begin + count), 'int32'))
              : tfc.slice(tensor, [begin], [count]),
          );
        const batch = { xs: take(x), ys: take(y) };
        try {
          yield batch;
        } finally {
          tfc.dispose([batch.xs, batch.ys]);
        }
      }
    },
    fingerprint() {
      const hash = createHash('sha256');
      for (const { tensor } of [x, y]) {
        const values = tensor.dataSync();
        hash.update(`${tensor.dtype} ${tensor.shape.join(' ')}\n`);
        hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      }
      return hash.digest('hex');
    },
    dispose() {
      for (const { tensor, own } of [x, y]) if (own) tensor.dispose();
    },
  };
}

function openSource(what: string, source: BatchSource): OpenData {
  return {
    examples: undefined,
    async *batches(order, _batchSize, from = 0) {
      let index = 0;
      for await (const batch of source(order ?? { epoch: 0, seed: 0 })) {
        if (!(batch?.xs instanceof tfc.Tensor) || !(batch.ys instanceof tfc.Tensor)) {
          throw new SparseError(
            'ERR_SPARSE_ARGUMENT',
            `${what}: batch ${index} is ${shown(batch)}, expected { xs: Tensor, ys: Tensor }.`,
            { tensor: what, expected: '{ xs, ys }', received: describeType(batch) },
          );
        }
        try {
          if (index >= from) yield batch;
        } finally {
          tfc.dispose([batch.xs, batch.ys]);
        }
        index++;
      }
    },
    fingerprint: () => 'function',
    dispose() {},
  };
}

/**
 * Makes data ready; `dispose` when the study ends.
 *
 * @param what - what messages call it, e.g. `lotteryTicket: data`
 * @throws {@link SparseError} `ERR_SPARSE_ARGUMENT`, `ERR_SPARSE_SHAPE`
 */
export function openData(what: string, data: StudyData): OpenData {
  if (typeof data === 'function') return openSource(what, data);
  if (isRecord(data)) return openMemory(what, data as unknown as MemoryData);
  throw new SparseError(
    'ERR_SPARSE_ARGUMENT',
    `${what} is ${describeType(data)}, expected { xs, ys } or a function that gives batches.`,
    { tensor: what, expected: '{ xs, ys } or a function', received: describeType(data) },
  );
}
