import { isRecord } from '../io/is-record.ts';
import { constant, type GraphTensor, numbersOf } from '../layers/ops/graph-tensor.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../layers/unsupported-feature.ts';
import type { GraphNode } from './read-graph.ts';
import type { Apply } from './tensor-lists.ts';

/**
 * A picture (padded) that SpaceToBatchND spreads over the batch, and that is not moved: a convolution of the parts is a
 * convolution of the whole with dilation, which is what TensorFlow writes so.
 */
export interface Spread {
  kind: 'spread';
  picture: GraphTensor;
  block: readonly [number, number];
}

const convolutions: readonly string[] = [
  'Conv2D',
  '_FusedConv2D',
  'DepthwiseConv2dNative',
  'DepthwiseConv2d',
  'FusedDepthwiseConv2dNative',
];
const pointwise: readonly string[] = ['BiasAdd', 'Relu', 'Relu6', 'Identity', 'Sigmoid', 'Tanh', 'Elu'];

/** Operations that spread a picture over the batch. */
export const spreadOps: readonly string[] = ['SpaceToBatchND', 'BatchToSpaceND'];

export function isSpreading({ op }: GraphNode): boolean {
  return spreadOps.includes(op);
}

/** SpaceToBatchND, and BatchToSpaceND of what it gave or of any tensor. */
export function spread(
  node: GraphNode,
  [x, blockShape, sides]: readonly (GraphTensor | Spread)[],
  apply: Apply,
): GraphTensor | Spread {
  if (!x || blockShape?.kind !== 'constant' || sides?.kind !== 'constant')
    throw new UnsupportedFeature(`its blocks are compiled only where they are known; ${keepInTensorFlow}`);
  const block = [...blockShape.data];
  const pairs = [...sides.data];
  if (pairs.length !== 2 * block.length || pairs.some((size) => size < 0) || block.some((size) => size < 1))
    throw new UnsupportedFeature(`blocks of [${block}] with [${pairs}] do not fit; ${keepInTensorFlow}`);
  if (node.op === 'SpaceToBatchND') {
    const tensor = x.kind === 'spread' ? gathered(x, apply) : x;
    const picture = padded(tensor, pairs, apply);
    const [height, width] = block;
    if (block.length === 2 && tensor.shape.length === 4)
      return { kind: 'spread', picture, block: [height!, width!] };
    return toBatch(picture, block, apply);
  }
  const isSame = x.kind === 'spread' && `${x.block}` === `${block}`;
  if (isSame) return cropped(x.picture, pairs, apply);
  return cropped(toSpace(x.kind === 'spread' ? gathered(x, apply) : x, block, apply), pairs, apply);
}

/**
 * A node that reads a spread picture: a convolution or a function of each element goes on with it.
 *
 * @returns `undefined` for any other node, which reads {@link gathered}
 */
export function throughSpread(
  { op, attr }: GraphNode,
  { picture, block }: Spread,
  others: readonly GraphTensor[],
  apply: Apply,
): Spread | undefined {
  const go = (attributes: object): Spread => ({
    kind: 'spread',
    picture: apply(op, [picture, ...others], attributes)[0]!,
    block,
  });
  const own = isRecord(attr) ? attr : {};
  if (pointwise.includes(op)) return go(own);
  const text = (name: string) => (isRecord(own[name]) ? own[name].s : undefined);
  const list = (name: string) => {
    const value = isRecord(own[name]) ? own[name].list : undefined;
    return isRecord(value) && Array.isArray(value.i) ? value.i.map(Number) : [];
  };
  const isPlain = list('strides').every((s) => s === 1) && list('dilations').every((d) => d === 1);
  const isValid = text('padding') === Buffer.from('VALID').toString('base64');
  if (!convolutions.includes(op) || !isPlain || !isValid) return undefined;
  return go({ ...own, dilations: { list: { i: ['1', ...block.map(String), '1'] } } });
}

/** The parts as a tensor, moved. */
export function gathered({ picture, block }: Spread, apply: Apply): GraphTensor {
  return toBatch(picture, block, apply);
}

const list = (values: readonly number[]) => constant('int32', [values.length], Int32Array.from(values));

function padded(tensor: GraphTensor, pairs: readonly number[], apply: Apply): GraphTensor {
  if (pairs.every((size) => size === 0)) return tensor;
  const behind = new Array<number>(2 * (tensor.shape.length - 1) - pairs.length).fill(0);
  const all = [0, 0, ...pairs, ...behind];
  const paddings = constant('int32', [all.length / 2, 2], Int32Array.from(all));
  return apply('Pad', [tensor, paddings])[0]!;
}

function cropped(tensor: GraphTensor, pairs: readonly number[], apply: Apply): GraphTensor {
  if (pairs.every((size) => size === 0)) return tensor;
  const begin = tensor.shape.map((_, axis) => (axis === 0 ? 0 : (pairs[2 * axis - 2] ?? 0)));
  const sizes = tensor.shape.map((size, axis) => {
    const [before, after] = axis === 0 ? [0, 0] : [pairs[2 * axis - 2] ?? 0, pairs[2 * axis - 1] ?? 0];
    return before + after === 0 ? -1 : numbersOf([size])[0]! - before - after;
  });
  return apply('Slice', [tensor, list(begin), list(sizes)])[0]!;
}

/** [batch, h, w, …] -> [i · j · batch, h / i, w / j, …] */
function toBatch(tensor: GraphTensor, block: readonly number[], apply: Apply): GraphTensor {
  const [batch, ...shape] = numbersOf(tensor.shape) as [number, ...number[]];
  const rest = shape.slice(block.length);
  const parts = block.map((size, axis) => [shape[axis]! / size, size] as const);
  if (parts.some(([count]) => !Number.isInteger(count)))
    throw new UnsupportedFeature(`blocks of [${block}] do not fit into [${shape}]; ${keepInTensorFlow}`);
  const wide = apply('Reshape', [tensor, list([batch, ...parts.flat(), ...rest])])[0]!;
  const order = [
    ...block.map((_, axis) => 2 + 2 * axis),
    0,
    ...block.map((_, axis) => 1 + 2 * axis),
    ...rest.map((_, axis) => 1 + 2 * block.length + axis),
  ];
  const turned = apply('Transpose', [wide, list(order)])[0]!;
  const count = block.reduce((a, b) => a * b, batch);
  return apply('Reshape', [turned, list([count, ...parts.map(([size]) => size), ...rest])])[0]!;
}

/** [i · j · batch, h, w, …] -> [batch, h · i, w · j, …] */
function toSpace(tensor: GraphTensor, block: readonly number[], apply: Apply): GraphTensor {
  const [all, ...shape] = numbersOf(tensor.shape) as [number, ...number[]];
  const batch = all / block.reduce((a, b) => a * b, 1);
  if (!Number.isInteger(batch))
    throw new UnsupportedFeature(
      `a batch of ${all} is not made of blocks of [${block}]; ${keepInTensorFlow}`,
    );
  const rest = shape.slice(block.length);
  const wide = apply('Reshape', [tensor, list([...block, batch, ...shape])])[0]!;
  const order = [
    block.length,
    ...block.flatMap((_, axis) => [block.length + 1 + axis, axis]),
    ...rest.map((_, axis) => 2 * block.length + 1 + axis),
  ];
  const turned = apply('Transpose', [wide, list(order)])[0]!;
  const sizes = block.map((size, axis) => size * shape[axis]!);
  return apply('Reshape', [turned, list([batch, ...sizes, ...rest])])[0]!;
}
