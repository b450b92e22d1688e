import { attr, type TestGraph } from '../../../../helpers/graph-model.ts';
import {
  anyAxis,
  anyMode,
  anyShape,
  bools,
  coin,
  firstAxis,
  floats,
  forEach,
  int,
  integer,
  integers,
  type MakeCase,
  number,
  type OpCases,
} from './op-case.ts';

/** Some axes of a tensor, or none, or all; counted from either end. */
function axesOf(graph: TestGraph, rank: number, first: number): number[] {
  const free = Array.from({ length: rank - first }, (_, i) => i + first);
  return free.filter(() => coin(graph)).map((axis) => (coin(graph) ? axis : axis - rank));
}

const reduce: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 0, 5);
  const mode = anyMode(graph, shape);
  const isBool = op === 'Any' || op === 'All';
  const make = isBool ? bools : coin(graph) || op === 'Mean' ? floats : integers;
  const axes = axesOf(graph, shape.length, firstAxis(mode));
  const inputs = [make(graph, 'x', shape, mode), graph.ints('axes', axes)];
  return [graph.node('y', op, inputs, { keep_dims: attr.boolean(coin(graph)) })];
};

/** Rounded, so that many are equal. */
function ties(graph: TestGraph, least: number): { x: string; shape: number[]; first: number } {
  const shape = anyShape(graph, least, 4, 6);
  const mode = shape.length === 1 ? 'fixed' : anyMode(graph, shape);
  const x = coin(graph)
    ? integers(graph, 'x', shape, mode)
    : graph.node('whole', 'Round', [floats(graph, 'x', shape, mode)]);
  return { x, shape, first: firstAxis(mode) };
}

const position: MakeCase = (graph, op) => {
  const { x, shape, first } = ties(graph, 1);
  return [graph.node('y', op, [x, integer(graph, 'axis', anyAxis(graph, shape.length, first))])];
};

const topK: MakeCase = (graph, op) => {
  const { x, shape } = ties(graph, 1);
  const k = integer(graph, 'k', graph.random.integer(1, shape.at(-1)!));
  graph.node('values', op, [x, k], { sorted: attr.boolean(true) });
  return ['values', graph.node('places', 'Identity', ['values:1'])];
};

const where: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 1, 4);
  return [graph.node('y', op, [bools(graph, 'x', shape, 'fixed')])];
};

const suppression: MakeCase = (graph, op) => {
  const { random } = graph;
  const count = random.integer(1, 20);
  const places = Float32Array.from({ length: count * 4 }, (_, i) => {
    const box = Math.floor(i / 4) % 3;
    return 3 * box + (i % 4 >= 2 ? 2 : 0);
  });
  const near = graph.node('near', 'Mul', [graph.input('x', [count, 4]), number(graph, 'little', 0.3)]);
  const boxes = graph.node('boxes', 'AddV2', [near, graph.floats('places', [count, 4], places)]);
  const inputs = [
    boxes,
    graph.input('scores', [count]),
    integer(graph, 'most', random.integer(1, 12)),
    number(graph, 'overlap', random.pick([0, 0.3, 0.5, 1])),
    number(graph, 'lowest', random.pick([-10, -0.5, 0])),
  ];
  if (op === 'NonMaxSuppressionV3') return [graph.node('y', op, inputs)];
  if (op === 'NonMaxSuppressionV4') {
    graph.node('y', op, inputs, { pad_to_max_output_size: attr.boolean(coin(graph)) });
    return ['y', graph.node('number', 'Identity', ['y:1'])];
  }
  graph.node('y', op, [...inputs, number(graph, 'sigma', random.pick([0, 0.5]))]);
  return ['y', graph.node('kept', 'Identity', ['y:1'])];
};

const shapes: MakeCase = (graph, op) => {
  // The shape of a scalar is empty, which no output may be.
  const shape = anyShape(graph, op.startsWith('Shape') ? 1 : 0, 5);
  const make = coin(graph) ? floats : integers;
  const x = make(graph, 'x', shape, 'fixed');
  if (op !== 'ShapeN') return [graph.node('y', op, [x])];
  graph.node('shapes', op, [x, integers(graph, 'z', [2, 3], 'fixed')]);
  // TensorFlow.js gives them as float32, TensorFlow as int32.
  const types = { SrcT: attr.type('float32'), DstT: attr.type('int32') };
  return ['shapes', 'shapes:1'].map((edge, i) => graph.node(`y${i}`, 'Cast', [edge], types));
};

const like: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 0, 5);
  const isInteger = coin(graph);
  const x = (isInteger ? integers : floats)(graph, 'x', shape, 'fixed');
  const filled = graph.node('filled', op, [x], isInteger ? int : {});
  return [graph.node('y', 'AddV2', [x, filled], isInteger ? int : {}), filled];
};

const range: MakeCase = (graph, op) => {
  const { random } = graph;
  const step = random.pick([1, 2, 3, -1, -2]);
  const start = random.integer(-5, 5);
  const stop =
    start + step * random.integer(1, 6) - (Math.abs(step) > 1 && coin(graph) ? Math.sign(step) : 0);
  const types = { Tidx: attr.type('int32'), ...int };
  const limits = [start, stop, step].map((value, i) => integer(graph, `limit${i}`, value));
  const numbers = graph.node('range', op, limits, types);
  const x = integers(graph, 'x', [1], 'fixed');
  return [graph.node('y', 'AddV2', [x, numbers], int), numbers];
};

const fill: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 0, 4);
  const isInteger = coin(graph);
  const value = isInteger ? integer(graph, 'value', 7) : number(graph, 'value', -1.5);
  const filled = graph.node('filled', op, [graph.ints('shape', shape), value], isInteger ? int : {});
  const x = (isInteger ? integers : floats)(graph, 'x', shape, 'fixed');
  return [graph.node('y', 'AddV2', [x, filled], isInteger ? int : {}), filled];
};

const sparseToDense: MakeCase = (graph, op) => {
  const { random } = graph;
  const shape = anyShape(graph, 1, 3);
  const size = shape.reduce((a, b) => a * b, 1);
  const places = Array.from({ length: size }, (_, i) => i).filter(() => random.next() < 0.4);
  if (places.length === 0) places.push(random.integer(0, size - 1));
  const tuples = places.flatMap((place) => {
    const tuple: number[] = [];
    let rest = place;
    for (const length of shape.toReversed()) {
      tuple.unshift(rest % length);
      rest = Math.floor(rest / length);
    }
    return tuple;
  });
  const values = coin(graph) ? graph.floats('values', [places.length]) : number(graph, 'values', 2.5);
  const dense = graph.node('dense', op, [
    graph.ints('places', tuples, [places.length, shape.length]),
    graph.ints('shape', shape),
    values,
    number(graph, 'rest', -1),
  ]);
  return [graph.node('y', 'Mul', [floats(graph, 'x', shape, 'fixed'), dense]), dense];
};

/** Reductions, places, and tensors that are made of sizes. */
export const foundCases: OpCases = {
  ...forEach(['Mean', 'Sum', 'Max', 'Min', 'Prod', 'Any', 'All'], reduce),
  ...forEach(['ArgMax', 'ArgMin'], position),
  TopKV2: topK,
  Where: where,
  ...forEach(['NonMaxSuppressionV3', 'NonMaxSuppressionV4', 'NonMaxSuppressionV5'], suppression),
  ...forEach(['Shape', 'ShapeN', 'Size', 'Rank'], shapes),
  ...forEach(['ZerosLike', 'OnesLike'], like),
  Range: range,
  Fill: fill,
  SparseToDense: sparseToDense,
  NoOp: (graph, op) => {
    graph.node('nothing', op, []);
    return [graph.node('y', 'Relu', [graph.input('x', [-1, 3]), '^nothing'])];
  },
};
