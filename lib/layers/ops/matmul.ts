import { emitDense } from '../../plan/emit/dense.ts';
import { sizeOf } from '../../plan/geometry.ts';
import { broadcastShape } from '../../plan/strides.ts';
import { combine } from './binary.ts';
import { readEpilogue } from './epilogue.ts';
import { constant, type GraphTensor } from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';
import type { OpType } from './op-type.ts';

/** Matrix products. By a constant matrix they are dense layers; of two computed ones, array products. */
export const matmul: OpType = {
  ops: ['MatMul', '_FusedMatMul', 'BatchMatMul', 'BatchMatMulV2'],
  lower: (call) => {
    const isBatched = call.op.startsWith('Batch');
    const transposeA = call.attributes.boolean(isBatched ? 'adj_x' : 'transpose_a', false);
    const transposeB = call.attributes.boolean(isBatched ? 'adj_y' : 'transpose_b', false);
    const a = call.input(0);
    const weight = denseWeight(call, transposeB);
    if (!transposeA && weight && isRows(call, a)) return [dense(call, a, weight)];
    return [finished(call, product(call, a, call.input(1), transposeA, transposeB))];
  },
};

interface Weight {
  inputs: number;
  outputs: number;
  /** [inputs, outputs] */
  kernel: Float32Array;
}

/** The second operand as one matrix, when it is a constant. */
function denseWeight(call: OpCall, isTransposed: boolean): Weight | undefined {
  const tensor = call.input(1);
  if (tensor.kind !== 'constant' || !(tensor.data instanceof Float32Array)) return undefined;
  const [rows, columns] = tensor.shape.slice(-2);
  if (rows === undefined || columns === undefined || sizeOf(tensor.shape.slice(0, -2)) !== 1)
    return undefined;
  if (!isTransposed) return { inputs: rows, outputs: columns, kernel: tensor.data };
  const kernel = new Float32Array(tensor.data.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) kernel[j * rows + i] = tensor.data[i * columns + j]!;
  return { inputs: columns, outputs: rows, kernel };
}

/** Whether the first axis is the batch, so that the tensor is (or can become) a map. */
function isRows(call: OpCall, tensor: GraphTensor): boolean {
  if (tensor.kind !== 'value' || tensor.shape.length < 2) return false;
  const { batch } = call.plan;
  return call.isMap(tensor) || batch === undefined || tensor.shape[0] === batch;
}

function dense(call: OpCall, a: GraphTensor, { inputs, outputs, kernel }: Weight): GraphTensor {
  const { id, x } = call.map(a);
  if ((x.shape.at(-1) ?? 1) !== inputs) throw call.unfit(`${inputs} features`, a.shape);
  const { bias, finish } = readEpilogue(call, outputs);
  const sums = call.computed(emitDense(call.plan, call.name, id, { kernel, outputs, ...(bias && { bias }) }));
  return finish(sums);
}

/** The product of the last two axes of two tensors, those in front broadcast; either matrix may be transposed first. */
export function product(
  call: OpCall,
  left: GraphTensor,
  right: GraphTensor,
  transposeA: boolean,
  transposeB: boolean,
): GraphTensor {
  const hidden = call.hidden([left, right]);
  const rank = Math.max(left.shape.length, right.shape.length);
  const [a, b] = [call.beside(left, rank, hidden), call.beside(right, rank, hidden)];
  // Without the batch there must be a matrix left.
  const [x, y] = [call.shapeIn(a), call.shapeIn(b)];
  if (x.length < 2 || y.length < 2) throw call.unfit('two matrices', [...x, ...y]);
  const [m, k] = transposeA ? [x.at(-1)!, x.at(-2)!] : [x.at(-2)!, x.at(-1)!];
  const [k2, n] = transposeB ? [y.at(-1)!, y.at(-2)!] : [y.at(-2)!, y.at(-1)!];
  const front = broadcastShape(x.slice(0, -2), y.slice(0, -2));
  if (k !== k2 || !front) throw call.unfit('matrices that fit', [...x, ...y]);
  return call.array({ op: 'product', transposeA, transposeB }, [a, b], [...front, m, n], 'float32');
}

/** What the converter fused behind a product: bias and activation. */
function finished(call: OpCall, sums: GraphTensor): GraphTensor {
  if (call.attributes.strings('fused_ops').length === 0) return sums;
  const { bias, finish } = readEpilogue(call, sums.shape.at(-1) as number);
  return finish(bias ? combine(call, 'add', sums, constant('float32', [bias.length], bias)) : sums);
}
