import { attr, type TestGraph } from '../../../../helpers/graph-model.ts';
import { anyMode, anyShape, coin, floats, forEach, type MakeCase, type OpCases } from './op-case.ts';

const flags = (a: boolean, b: boolean, [first, second]: readonly [string, string]) => ({
  [first]: attr.boolean(a),
  [second]: attr.boolean(b),
});
const transposes = ['transpose_a', 'transpose_b'] as const;
const adjoints = ['adj_x', 'adj_y'] as const;
const matrix = (rows: number, columns: number, isTurned: boolean) =>
  isTurned ? [columns, rows] : [rows, columns];

/** By a weight, whose rows or columns may be transposed; or of two computed matrices. */
const matMul: MakeCase = (graph, op) => {
  const { random } = graph;
  const [m, k, n] = [3, random.integer(1, 20), random.integer(1, 20)];
  const isWeight = coin(graph);
  const [turnA, turnB] = [!isWeight && coin(graph), coin(graph)];
  const a = isWeight
    ? floats(graph, 'a', [m, k], random.pick(['map', 'fixed']))
    : floats(graph, 'a', matrix(m, k, turnA), 'fixed');
  const b = isWeight
    ? graph.floats('b', matrix(k, n, turnB))
    : floats(graph, 'b', matrix(k, n, turnB), 'fixed');
  const extras: string[] = [];
  const attributes: Record<string, object> = {};
  if (op === '_FusedMatMul') {
    const activation = random.pick(['', 'Relu', 'Relu6', 'Elu', 'Sigmoid', 'LeakyRelu', 'Prelu']);
    extras.push(graph.floats('bias', [n]));
    if (activation === 'Prelu') extras.push(graph.floats('alpha', [coin(graph) ? n : 1]));
    attributes.fused_ops = attr.texts('BiasAdd', ...(activation ? [activation] : []));
    attributes.num_args = attr.integer(extras.length);
    attributes.leakyrelu_alpha = attr.number(0.25);
  }
  return [graph.node('y', op, [a, b, ...extras], { ...flags(turnA, turnB, transposes), ...attributes })];
};

/** Of any number of axes in front; the second may be a weight, and broadcast. */
const batchMatMul: MakeCase = (graph, op) => {
  const { random } = graph;
  const [m, k, n] = [random.integer(1, 6), random.integer(1, 9), random.integer(1, 6)];
  const front = anyShape(graph, 1, 3, 3);
  const mode = anyMode(graph, [...front, m, k]);
  const isWeight = coin(graph);
  const [turnA, turnB] = [coin(graph), coin(graph)];
  const a = floats(graph, 'a', [...front, ...matrix(m, k, turnA)], mode);
  const own = matrix(k, n, turnB);
  const spread = front.map((size, axis) => (axis === 0 || coin(graph) ? size : 1));
  const b = isWeight
    ? graph.floats('b', [...front.map(() => 1).slice(random.integer(0, front.length)), ...own])
    : floats(graph, 'b', [...(op === 'BatchMatMulV2' ? spread : front), ...own], mode);
  return [graph.node('y', op, [a, b], flags(turnA, turnB, adjoints))];
};

/** One or two operands with letters: of a batch, of matrices, to sum over; in any order. */
const einsum: MakeCase = (graph, op) => {
  const { random } = graph;
  const letters = [...'bcdefg'].slice(0, random.integer(2, 6));
  const sizes = new Map(letters.map((letter) => [letter, random.integer(1, 4)]));
  const shuffled = (list: readonly string[]) =>
    list
      .map((letter) => [random.next(), letter] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, letter]) => letter);
  const shapeOf = (list: readonly string[]) => list.map((letter) => sizes.get(letter)!);
  if (coin(graph)) {
    const own = shuffled(letters);
    const result = shuffled(own.filter(() => coin(graph)));
    const x = floats(graph, 'x', shapeOf(own), 'fixed');
    const equation = attr.text(`${own.join('')}->${result.join('')}`);
    return [graph.node('y', op, [x], { equation, N: attr.integer(1) })];
  }
  // 1: only the left one has it, 2: only the right one, 3: both.
  const sides = letters.map(() => random.integer(1, 3));
  const left = shuffled(letters.filter((_, i) => sides[i] !== 2));
  const right = shuffled(letters.filter((_, i) => sides[i] !== 1));
  const result = shuffled(letters.filter(() => coin(graph)));
  const operands = [
    floats(graph, 'x', shapeOf(left), 'fixed'),
    coin(graph) ? graph.floats('w', shapeOf(right)) : floats(graph, 'z', shapeOf(right), 'fixed'),
  ];
  const equation = attr.text(`${left.join('')},${right.join('')}->${result.join('')}`);
  return [graph.node('y', op, operands, { equation, N: attr.integer(2) })];
};

interface Place {
  x: string;
  height: number;
  width: number;
  channels: number;
}

/** A picture of an open or a fixed batch. */
function picture(graph: TestGraph): Place {
  const { random } = graph;
  const [height, width, channels] = [random.integer(3, 10), random.integer(3, 10), random.integer(1, 6)];
  const mode = random.pick(['map', 'array', 'fixed'] as const);
  return { x: floats(graph, 'x', [3, height, width, channels], mode), height, width, channels };
}

interface WindowAttributes {
  kernel: [number, number];
  attributes: Record<string, object>;
}

/** A window that TensorFlow takes: strides and dilations above 1 exclude each other. */
function anyWindow(
  graph: TestGraph,
  { height, width }: Place,
  { dilates = false, square = false, explicit = false } = {},
): WindowAttributes {
  const { random } = graph;
  const pair = (most: number): [number, number] => {
    const first = random.integer(1, most);
    return [first, square ? first : random.integer(1, most)];
  };
  const padding = random.pick(explicit ? ['SAME', 'VALID', 'EXPLICIT'] : ['SAME', 'VALID']);
  const isDilated = dilates && coin(graph);
  const dilations = isDilated ? pair(2) : [1, 1];
  const strides = isDilated ? [1, 1] : pair(3);
  const fits = (size: number, dilation: number) => Math.min(3, Math.floor((size - 1) / dilation) + 1);
  const kernel: [number, number] = [
    random.integer(1, fits(height, dilations[0]!)),
    random.integer(1, fits(width, dilations[1]!)),
  ];
  const room = () => random.integer(0, 2);
  return {
    kernel,
    attributes: {
      strides: attr.integers(1, ...strides, 1),
      dilations: attr.integers(1, ...dilations, 1),
      padding: attr.text(padding),
      data_format: attr.text('NHWC'),
      ...(padding === 'EXPLICIT' && {
        explicit_paddings: attr.integers(0, 0, room(), room(), room(), room(), 0, 0),
      }),
    },
  };
}

/** Bias and activation as the converter fuses them. */
function epilogue(graph: TestGraph, outputs: number, alpha: number) {
  const activation = graph.random.pick(['', 'Relu', 'Relu6', 'Elu', 'Sigmoid', 'LeakyRelu', 'Prelu']);
  const operands = [graph.floats('bias', [outputs])];
  if (activation === 'Prelu') operands.push(graph.floats('alpha', [1, 1, outputs]));
  const attributes = {
    fused_ops: attr.texts('BiasAdd', ...(activation ? [activation] : [])),
    num_args: attr.integer(operands.length),
    leakyrelu_alpha: attr.number(alpha),
  };
  return { operands, attributes };
}

const conv2d: MakeCase = (graph, op) => {
  const place = picture(graph);
  const { kernel, attributes } = anyWindow(graph, place, { dilates: true, explicit: true });
  const outputs = graph.random.integer(1, 9);
  const filter = graph.floats('w', [...kernel, place.channels, outputs]);
  if (op === 'Conv2D') return [graph.node('y', op, [place.x, filter], attributes)];
  const rest = epilogue(graph, outputs, 0.25);
  return [graph.node('y', op, [place.x, filter, ...rest.operands], { ...attributes, ...rest.attributes })];
};

/** tfjs-node's kernel has neither dilations nor strides that differ. */
const depthwise: MakeCase = (graph, op) => {
  const place = picture(graph);
  const { kernel, attributes } = anyWindow(graph, place, { square: true });
  const multiplier = graph.random.integer(1, 3);
  const filter = graph.floats('w', [...kernel, place.channels, multiplier]);
  if (op === 'DepthwiseConv2dNative') return [graph.node('y', op, [place.x, filter], attributes)];
  // TensorFlow.js does not read the slope of this operation: it is always 0.2.
  const rest = epilogue(graph, place.channels * multiplier, 0.2);
  return [graph.node('y', op, [place.x, filter, ...rest.operands], { ...attributes, ...rest.attributes })];
};

const transposed: MakeCase = (graph, op) => {
  const { random } = graph;
  const [height, width, channels] = [random.integer(2, 5), random.integer(2, 5), random.integer(1, 5)];
  // The number of rows stands in the shape: it is the batch.
  const x = floats(graph, 'x', [3, height, width, channels], 'fixed');
  const [strideY, strideX] = [random.integer(1, 3), random.integer(1, 3)];
  const [high, wide, outputs] = [random.integer(1, 4), random.integer(1, 4), random.integer(1, 5)];
  const padding = random.pick(['SAME', 'VALID']);
  const size = (from: number, stride: number, side: number) => {
    if (padding === 'SAME') return from * stride - random.integer(0, stride - 1);
    return (from - 1) * stride + side + random.integer(0, stride - 1);
  };
  const shape = [3, size(height, strideY, high), size(width, strideX, wide), outputs];
  const filter = graph.floats('w', [high, wide, outputs, channels]);
  return [
    graph.node('y', op, [graph.ints('shape', shape), filter, x], {
      strides: attr.integers(1, strideY, strideX, 1),
      dilations: attr.integers(1, 1, 1, 1),
      padding: attr.text(padding),
      data_format: attr.text('NHWC'),
    }),
  ];
};

const pool: MakeCase = (graph, op) => {
  const place = picture(graph);
  const { kernel, attributes } = anyWindow(graph, place);
  const { dilations: _, ...rest } = attributes;
  return [graph.node('y', op, [place.x], { ...rest, ksize: attr.integers(1, ...kernel, 1) })];
};

const batchNorm: MakeCase = (graph, op) => {
  const { x, channels } = picture(graph);
  const numbers = ['scale', 'offset', 'mean'].map((name) => graph.floats(name, [channels]));
  const variance = graph.random.floats(channels).map((value) => 0.1 + Math.abs(value));
  const epsilon = attr.number(graph.random.pick([0, 1e-5, 1e-3, 0.1]));
  return [
    graph.node('y', op, [x, ...numbers, graph.floats('variance', [channels], variance)], {
      epsilon,
      is_training: attr.boolean(false),
      data_format: attr.text('NHWC'),
    }),
  ];
};

/** Sums of products, and windows over pictures. */
export const productCases: OpCases = {
  ...forEach(['MatMul', '_FusedMatMul'], matMul),
  ...forEach(['BatchMatMul', 'BatchMatMulV2'], batchMatMul),
  Einsum: einsum,
  ...forEach(['Conv2D', '_FusedConv2D'], conv2d),
  ...forEach(['DepthwiseConv2dNative', 'FusedDepthwiseConv2dNative'], depthwise),
  Conv2DBackpropInput: transposed,
  ...forEach(['MaxPool', 'AvgPool'], pool),
  ...forEach(['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'], batchNorm),
};
