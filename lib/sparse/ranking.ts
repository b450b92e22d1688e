import { SparseError } from '../errors.ts';
import { checkChoice, checkFloat32Array, checkInteger, checkOptions } from '../native/check.ts';
import { native } from '../native/load.ts';
import { namingNan, refuseNan } from './refuse-nan.ts';
import type { NormOrder } from './structure.ts';
import { readThreads } from './threads.ts';

/** What {@link rankNorms} takes the norm of: each input (row), each output (column), or blocks of so many of both. */
export type NormOver =
  | 'inputs'
  | 'outputs'
  | {
      /** Height of a block. */
      inputs: number;
      /** Width of a block. */
      outputs: number;
    };

/** What {@link rankNorms} is asked for. */
export interface RankNormsOptions {
  /** Each input, each output, or blocks of `inputs` × `outputs`, cut at the edges of the matrix. */
  over: NormOver;
  /** L1, L2 (default) or the greatest absolute value. */
  order?: NormOrder;
  /** Default 1. Norms and ranking are the same for any number. */
  threads?: number;
}

/** Name of a norm in the addon. */
export function normName(order: NormOrder): 'l1' | 'l2' | 'linf' {
  return order === 1 ? 'l1' : order === 2 ? 'l2' : 'linf';
}

function blockOf(what: string, over: NormOver, inputs: number, outputs: number): [number, number] {
  if (over === 'inputs') return [1, outputs];
  if (over === 'outputs') return [inputs, 1];
  const block = typeof over === 'string' ? undefined : over;
  if (typeof block !== 'object' || block === null) {
    const expected = '"inputs", "outputs" or { inputs, outputs }';
    throw new SparseError('ERR_SPARSE_OPTION', `${what}: over is ${String(over)}, expected ${expected}.`, {
      expected,
      received: over,
    });
  }
  return [
    Math.min(inputs, checkInteger(what, 'over.inputs', block.inputs, 1)),
    Math.min(outputs, checkInteger(what, 'over.outputs', block.outputs, 1)),
  ];
}

/**
 * Norms over inputs (rows of the matrix), outputs (columns) or blocks, and their positions in rising order.
 *
 * Sums are float64 in a fixed order and rounded once, so the ranking is the same on every machine. Equal norms keep
 * their order; -0 counts as 0.
 *
 * @param values - matrix [inputs, outputs], row-major
 * @returns one norm per input, output or block (blocks in row-major order), and `ranking`: its first element is the
 * position of the smallest norm
 * @throws {@link SparseError} `ERR_SPARSE_NAN` when a value is NaN, `ERR_SPARSE_SHAPE`, `ERR_SPARSE_OPTION`
 */
export function rankNorms(
  values: Float32Array,
  shape: readonly [inputs: number, outputs: number],
  options: RankNormsOptions,
): {
  /** One per input, output or block. */
  norms: Float32Array;
  /** Positions in `norms`, from the smallest norm to the largest. */
  ranking: Uint32Array;
} {
  const what = 'rankNorms';
  if (!Array.isArray(shape) || shape.length !== 2) {
    throw new SparseError('ERR_SPARSE_SHAPE', `${what}: shape is [${shape}], expected [inputs, outputs].`, {
      expected: '[inputs, outputs]',
      received: shape,
    });
  }
  const inputs = checkInteger(what, 'shape[0]', shape[0], 0);
  const outputs = checkInteger(what, 'shape[1]', shape[1], 0);
  checkFloat32Array(what, 'values', values, inputs * outputs);
  checkOptions(what, options, ['over', 'order', 'threads']);
  const order = checkChoice(what, 'order', options?.order ?? 2, [
    1,
    2,
    Number.POSITIVE_INFINITY,
  ]) as NormOrder;
  const threads = readThreads(what, options?.threads);
  const [blockInputs, blockOutputs] = blockOf(what, options?.over, inputs, outputs);
  if (values.length === 0) {
    // A norm over nothing is 0.
    const count = options.over === 'inputs' ? inputs : options.over === 'outputs' ? outputs : 0;
    return { norms: new Float32Array(count), ranking: Uint32Array.from({ length: count }, (_, i) => i) };
  }
  const norms = native().blockNorms(
    values,
    inputs,
    outputs,
    blockInputs,
    blockOutputs,
    blockInputs,
    blockOutputs,
    normName(order),
    threads,
  );
  // A NaN anywhere is one in a norm: no pass of its own over the values looks for it.
  if (native().firstNan(norms) >= 0) refuseNan(what, 'values', values);
  return { norms, ranking: native().rankRising(norms) };
}

/**
 * The k-th smallest score, exactly, in about one read of the scores.
 *
 * @param k - rank, from 1 (the smallest) to `scores.length`
 * @param options.threads - default 1
 * @throws {@link SparseError} `ERR_SPARSE_NAN` when a score is NaN, `ERR_SPARSE_OPTION` when k is out of range
 */
export function selectThreshold(scores: Float32Array, k: number, options: { threads?: number } = {}): number {
  const what = 'selectThreshold';
  checkOptions(what, options, ['threads']);
  const threads = readThreads(what, options.threads);
  checkFloat32Array(what, 'scores', scores);
  checkInteger(what, 'k', k, 1, scores.length);
  return namingNan(what, 'scores', scores, () => native().selectKth(scores, k, false, threads));
}

/**
 * The k-th smallest absolute value, exactly, without an array of absolute values.
 *
 * @param k - rank, from 1 (the smallest) to `values.length`
 * @param options.threads - default 1
 * @throws {@link SparseError} `ERR_SPARSE_NAN` when a value is NaN, `ERR_SPARSE_OPTION` when k is out of range
 */
export function selectMagnitude(values: Float32Array, k: number, options: { threads?: number } = {}): number {
  const what = 'selectMagnitude';
  checkOptions(what, options, ['threads']);
  const threads = readThreads(what, options.threads);
  checkFloat32Array(what, 'values', values);
  checkInteger(what, 'k', k, 1, values.length);
  return namingNan(what, 'values', values, () => native().selectKth(values, k, true, threads));
}
