import { activations, prelu, softmax } from './activations.ts';
import { batchNorm } from './batch-norm.ts';
import { addN, binary } from './binary.ts';
import { blocks } from './blocks.ts';
import { cast } from './cast.ts';
import { concat, pack } from './concat.ts';
import { conv2d } from './conv2d.ts';
import { conv2dTranspose } from './conv2d-transpose.ts';
import { depthwiseConv2d } from './depthwise-conv2d.ts';
import { nonMaxSuppression, where } from './detection.ts';
import { einsum } from './einsum.ts';
import { gather, gatherNd } from './gather.ts';
import { identity, noOp } from './identity.ts';
import { matmul } from './matmul.ts';
import type { OpType } from './op-type.ts';
import { pad } from './pad.ts';
import { pooling } from './pooling.ts';
import { argReduce, reduce } from './reduce.ts';
import { expandDims, reshape, squeeze } from './reshape.ts';
import { resizeBilinear, resizeNearest } from './resize.ts';
import { select } from './select.ts';
import { broadcastTo, fill, range, shapeOp, size, sparseToDense, tile } from './shapes.ts';
import { reverse, slice, split, stridedSlice, unpack } from './slice.ts';
import { topK } from './top-k.ts';
import { transpose } from './transpose.ts';
import { unary } from './unary.ts';

const types: readonly OpType[] = [
  identity,
  noOp,
  conv2d,
  depthwiseConv2d,
  conv2dTranspose,
  matmul,
  einsum,
  binary,
  addN,
  unary,
  activations,
  softmax,
  prelu,
  batchNorm,
  pooling,
  reduce,
  argReduce,
  reshape,
  squeeze,
  expandDims,
  pad,
  concat,
  pack,
  slice,
  stridedSlice,
  reverse,
  split,
  unpack,
  transpose,
  resizeBilinear,
  resizeNearest,
  blocks,
  cast,
  gather,
  gatherNd,
  select,
  topK,
  where,
  nonMaxSuppression,
  shapeOp,
  size,
  range,
  fill,
  sparseToDense,
  tile,
  broadcastTo,
];

const byOp: ReadonlyMap<string, OpType> = new Map(
  types.flatMap((type) => type.ops.map((op) => [op, type] as const)),
);

/** What is known of a GraphModel's operation; `undefined` when it cannot be compiled. */
export function findOpType(op: string): OpType | undefined {
  return byOp.get(op);
}

/** Every operation that `compile` can lower, but for those of control flow and of lists of tensors. */
export function compiledOps(): string[] {
  return [...byOp.keys()];
}
