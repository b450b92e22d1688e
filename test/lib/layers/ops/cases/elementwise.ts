import { attr, type TestGraph } from '../../../../helpers/graph-model.ts';
import {
  anyMode,
  anyShape,
  bool,
  bools,
  coin,
  floats,
  forEach,
  int,
  integers,
  type MakeCase,
  type Mode,
  number,
  type OpCases,
  positives,
} from './op-case.ts';

/** A shape that broadcasts to `shape`; of an open batch the first axis stays, or the operand is a constant. */
function narrower(graph: TestGraph, shape: readonly number[], isConstant: boolean): number[] {
  const ones = shape.map((size, axis) => ((axis > 0 || isConstant) && graph.random.next() < 0.3 ? 1 : size));
  if (!isConstant) return ones;
  return shape[0] === undefined ? [] : ones.with(0, 1).slice(graph.random.integer(0, shape.length));
}

type Make = (graph: TestGraph, name: string, shape: readonly number[], mode: Mode) => string;

/** Two operands that broadcast, one of them a constant at times, in either order. */
function operands(
  graph: TestGraph,
  make: Make,
  weight: (name: string, shape: number[]) => string,
): [string, string] {
  const shape = anyShape(graph, 0, 5);
  const mode = anyMode(graph, shape);
  const isConstant = coin(graph);
  const a = make(graph, 'a', isConstant ? shape : narrower(graph, shape, false), mode);
  const own = narrower(graph, shape, isConstant);
  const b = isConstant ? weight('b', own) : make(graph, 'b', own, mode);
  return coin(graph) ? [a, b] : [b, a];
}

const ofFloats: MakeCase = (graph, op) => {
  const pair = operands(graph, floats, (name, shape) => graph.floats(name, shape));
  return [graph.node('y', op, pair)];
};

const ofIntegers: MakeCase = (graph, op) => {
  const pair = operands(graph, integers, (name, shape) => anyIntegers(graph, name, shape, true));
  return [graph.node('y', op, pair, int)];
};

function anyIntegers(graph: TestGraph, name: string, shape: number[], withZero: boolean): string {
  const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    const value = graph.random.integer(-5, 5);
    return value === 0 && !withZero ? 2 : value;
  });
  return graph.ints(name, values, shape);
}

const ofEither: MakeCase = (graph, op) => (coin(graph) ? ofFloats : ofIntegers)(graph, op);

/** The divisor is not near 0: quotients would have no bound. */
const quotient: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 0, 5);
  const mode = anyMode(graph, shape);
  if (coin(graph)) {
    const b = graph.floats('b', narrower(graph, shape, true));
    const far = graph.node('b/far', 'AddV2', [graph.node('b/size', 'Abs', [b]), number(graph, 'half', 0.5)]);
    return [graph.node('y', op, [floats(graph, 'a', shape, mode), far])];
  }
  const wide = narrower(graph, shape, false);
  return [graph.node('y', op, [floats(graph, 'a', shape, mode), positives(graph, 'b', wide, mode)])];
};

/** Whole numbers as float32, or integers: what is exact does not jump by one through rounding. */
const wholeQuotient: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 0, 5);
  const mode = anyMode(graph, shape);
  const divisor = anyIntegers(graph, 'b', narrower(graph, shape, true), false);
  const a = integers(graph, 'a', shape, mode);
  if (coin(graph)) return [graph.node('y', op, [a, divisor], int)];
  const types = { SrcT: attr.type('int32'), DstT: attr.type('float32') };
  return [
    graph.node('y', op, [graph.node('fa', 'Cast', [a], types), graph.node('fb', 'Cast', [divisor], types)]),
  ];
};

const power: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 0, 5);
  const mode = anyMode(graph, shape);
  if (coin(graph)) {
    const exponent = number(graph, 'b', graph.random.pick([2, 0.5, -1, 1, 0, 3, 1.7]));
    return [graph.node('y', op, [positives(graph, 'a', shape, mode), exponent])];
  }
  const b = narrower(graph, shape, false);
  return [graph.node('y', op, [positives(graph, 'a', shape, mode), floats(graph, 'b', b, mode)])];
};

const comparison: MakeCase = (graph, op) => {
  if (coin(graph)) return ofIntegers(graph, op);
  // Rounded, or no two floats would be equal.
  const pair = operands(graph, floats, (name, shape) => graph.floats(name, shape));
  return [
    graph.node(
      'y',
      op,
      pair.map((x, i) => graph.node(`whole${i}`, 'Round', [x])),
    ),
  ];
};

const logical: MakeCase = (graph, op) => {
  const pair = operands(graph, bools, (name, shape) =>
    graph.node(`${name}/known`, 'Greater', [graph.floats(name, shape), number(graph, `${name}/0`, 0)]),
  );
  return [graph.node('y', op, pair, bool)];
};

const addN: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 0, 5);
  const mode = anyMode(graph, shape);
  const make = coin(graph) ? floats : integers;
  const names = Array.from({ length: graph.random.integer(1, 4) }, (_, i) =>
    make(graph, `x${i}`, shape, mode),
  );
  return [graph.node('y', op, names, { N: attr.integer(names.length) })];
};

const bias: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 2, 5);
  const x = floats(graph, 'x', shape, anyMode(graph, shape));
  return [graph.node('y', op, [x, graph.floats('b', [shape.at(-1)!])])];
};

/** Of any shape; `prepare` brings the numbers to where the function is defined. */
function ofOne(prepare: Make = floats, attributes: () => object = () => ({})): MakeCase {
  return (graph, op) => {
    const shape = anyShape(graph, 0, 5);
    return [graph.node('y', op, [prepare(graph, 'x', shape, anyMode(graph, shape))], { ...attributes() })];
  };
}

/** Not near -1 and 1, where the slope of an arcus has no bound. */
const between1: Make = (graph, name, shape, mode) =>
  graph.node(`${name}/inside`, 'Mul', [
    graph.node(`${name}/tanh`, 'Tanh', [floats(graph, name, shape, mode)]),
    number(graph, `${name}/most`, 0.9),
  ]);
/** Halfway cases too. */
const halves: Make = (graph, name, shape, mode) => {
  const whole = graph.node(`${name}/whole`, 'Round', [floats(graph, name, shape, mode)]);
  return graph.node(`${name}/halves`, 'Mul', [whole, number(graph, `${name}/half`, 0.5)]);
};
const either: Make = (graph, name, shape, mode) =>
  (coin(graph) ? floats : integers)(graph, name, shape, mode);

const clip: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 0, 5);
  const [low, high] = [-graph.random.next(), graph.random.next()];
  const limits = [number(graph, 'low', low), number(graph, 'high', high)];
  return [graph.node('y', op, [floats(graph, 'x', shape, anyMode(graph, shape)), ...limits])];
};

const leaky: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 0, 5);
  const alpha = attr.number(Math.fround(graph.random.next()));
  return [graph.node('y', op, [floats(graph, 'x', shape, anyMode(graph, shape))], { alpha })];
};

const prelu: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 1, 5);
  const alpha = graph.floats('alpha', narrower(graph, shape, true));
  return [graph.node('y', op, [floats(graph, 'x', shape, anyMode(graph, shape)), alpha])];
};

const softmax: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 1, 5, 6);
  // The last axis of rows without columns is the batch.
  const mode = shape.length === 1 ? 'fixed' : anyMode(graph, shape);
  return [graph.node('y', op, [floats(graph, 'x', shape, mode)])];
};

const cast: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 0, 5);
  const mode = anyMode(graph, shape);
  const [from, make] = graph.random.pick([
    ['float32', floats],
    ['int32', integers],
    ['bool', bools],
  ] as const);
  const to = graph.random.pick(['float32', 'int32', 'bool'] as const);
  const types = { SrcT: attr.type(from), DstT: attr.type(to) };
  return [graph.node('y', op, [make(graph, 'x', shape, mode)], types)];
};

const select: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 0, 5);
  const mode = anyMode(graph, shape);
  const make = coin(graph) ? floats : integers;
  const [condition, a, b] = [
    bools(graph, 'condition', shape, mode),
    make(graph, 'a', shape, mode),
    make(graph, 'b', op === 'SelectV2' ? narrower(graph, shape, false) : shape, mode),
  ];
  return [graph.node('y', op, [condition, a, b])];
};

const handedOn: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 0, 5);
  const mode = anyMode(graph, shape);
  const names = op === 'IdentityN' ? ['a', 'b', 'c'] : ['a'];
  const inputs = names.map((name) => graph.random.pick([floats, integers])(graph, name, shape, mode));
  graph.node('handed', op, inputs);
  return names.map((name, i) => graph.node(`${name}/out`, 'Identity', [i === 0 ? 'handed' : `handed:${i}`]));
};

const ensureShape: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 1, 5);
  return [graph.node('y', op, [floats(graph, 'x', shape, 'fixed'), graph.ints('shape', shape)])];
};

/** Element by element. */
export const elementwiseCases: OpCases = {
  ...forEach(
    ['Identity', 'IdentityN', 'StopGradient', 'Snapshot', 'PreventGradient', 'CheckNumerics'],
    handedOn,
  ),
  ...forEach(['Add', 'AddV2', 'Sub', 'Mul', 'Maximum', 'Minimum', 'SquaredDifference'], ofEither),
  Atan2: ofFloats,
  ...forEach(['RealDiv', 'Div'], quotient),
  ...forEach(['FloorDiv', 'FloorMod', 'Mod'], wholeQuotient),
  Pow: power,
  BiasAdd: bias,
  AddN: addN,
  ...forEach(['Equal', 'NotEqual', 'Less', 'LessEqual', 'Greater', 'GreaterEqual'], comparison),
  ...forEach(['LogicalAnd', 'LogicalOr'], logical),
  LogicalNot: ofOne(bools),
  ...forEach(['Abs', 'Neg', 'Square', 'Sign'], ofOne(either)),
  ...forEach(['Sqrt', 'Rsqrt', 'Reciprocal', 'Log', 'Log1p'], ofOne(positives)),
  ...forEach(['Asin', 'Acos', 'Tan'], ofOne(between1)),
  ...forEach(['Floor', 'Ceil', 'Round'], ofOne(halves)),
  ...forEach(
    ['Exp', 'Expm1', 'Sin', 'Cos', 'Atan', 'Sinh', 'Cosh', 'Erf', 'Relu', 'Relu6', 'Sigmoid', 'Tanh'],
    ofOne(),
  ),
  ...forEach(['Elu', 'Selu', 'Softplus'], ofOne()),
  LeakyRelu: leaky,
  ClipByValue: clip,
  ...forEach(['Softmax', 'LogSoftmax'], softmax),
  EnsureShape: ensureShape,
  Prelu: prelu,
  Cast: cast,
  ...forEach(['Select', 'SelectV2'], select),
};
