import { describe, expect, it } from 'vitest';
import { attr, expectGraphRuns, TestGraph } from '../../../helpers/graph-model.ts';
import { Random } from '../../../helpers/random.ts';

const random = new Random();

const floatBinary = [
  'Add',
  'AddV2',
  'Sub',
  'Mul',
  'RealDiv',
  'Maximum',
  'Minimum',
  'SquaredDifference',
  'Atan2',
];
const comparisons = ['Equal', 'NotEqual', 'Less', 'LessEqual', 'Greater', 'GreaterEqual'];

describe('a GraphModel runs as in TensorFlow.js:', () => {
  it.each(floatBinary)('%s of maps, constants and arrays that broadcast', async (op) => {
    const graph = new TestGraph(random);
    const [h, w, c] = [random.integer(1, 4), random.integer(1, 4), random.integer(2, 5)];
    const x = graph.input('x', [-1, h, w, c]);
    const y = graph.input('y', [-1, h, w, c]);
    const pooled = graph.input('pooled', [-1, 1, 1, c]);
    const single = graph.input('single', [-1, h, w, 1]);
    const rows = graph.input('rows', [-1, 1, w, c]);
    const operands = {
      same: [x, y],
      spread: [x, pooled],
      turned: [pooled, x],
      oneChannel: [single, x],
      both: [single, pooled],
      byRow: [x, rows],
      channel: [x, graph.floats('k', [c])],
      channel4: [x, graph.floats('k4', [1, 1, 1, c])],
      left: [graph.floats('l', [c]), x],
      scalar: [x, graph.floats('s', [], Float32Array.of(1.7))],
      scalarLeft: [graph.floats('t', [], Float32Array.of(-0.4)), x],
      map: [x, graph.floats('m', [h, w, c])],
    };
    for (const [name, pair] of Object.entries(operands)) graph.node(name, op, pair);
    // Quotients have no bound: their tanh has.
    const bounded = (name: string) => (op === 'RealDiv' ? graph.node(`${name}_tanh`, 'Tanh', [name]) : name);
    await expectGraphRuns(graph, Object.keys(operands).map(bounded));
  });

  it('FloorDiv and FloorMod of floats that divide exactly', async () => {
    const graph = new TestGraph(random);
    const whole = graph.node('whole', 'Round', [graph.input('x', [-1, 6])]);
    const divisors = graph.floats('k', [6], Float32Array.of(0.5, -0.25, 2, -2, 4, 1));
    graph.node('div', 'FloorDiv', [whole, divisors]);
    graph.node('mod', 'FloorMod', [whole, divisors]);
    await expectGraphRuns(graph, ['div', 'mod']);
  });

  it.each(comparisons)('%s, of floats and integers', async (op) => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [-1, 7]);
    const i = graph.input('i', [-1, 7], 'int32');
    const pairs = {
      floats: [x, graph.floats('k', [7])],
      integers: [i, graph.ints('n', [1, 2, 3, 4, 5, 6, 7])],
    };
    for (const [name, pair] of Object.entries(pairs)) graph.node(name, op, pair);
    await expectGraphRuns(graph, Object.keys(pairs));
  });

  it.each(['AddV2', 'Sub', 'Mul', 'FloorDiv', 'FloorMod', 'Maximum', 'Minimum'])(
    '%s of integers, exactly',
    async (op) => {
      const graph = new TestGraph(random);
      const i = graph.input('i', [-1, 6], 'int32');
      const attributes = { T: attr.type('int32') };
      const shifted = graph.node('shifted', 'Sub', [i, graph.ints('five', [5], [])], attributes);
      graph.node('y', op, [shifted, graph.ints('n', [3, -2, 7, 1, -4, 2])], attributes);
      await expectGraphRuns(graph, ['y']);
    },
  );

  it.each(['Abs', 'Neg', 'Square', 'Exp', 'Floor', 'Ceil', 'Round', 'Sin', 'Cos', 'Sign', 'Erf'])(
    '%s on a map and on an array',
    async (op) => {
      const graph = new TestGraph(random);
      const x = graph.input('x', [-1, 3, 4, 5]);
      graph.node('map', op, [x]);
      graph.node('turned', 'Transpose', [x, graph.ints('order', [0, 3, 1, 2])]);
      graph.node('array', op, ['turned']);
      await expectGraphRuns(graph, ['map', 'array']);
    },
  );

  it.each(['Sqrt', 'Rsqrt', 'Log', 'Reciprocal'])('%s of positive numbers', async (op) => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [-1, 9]);
    graph.node('positive', 'AddV2', [
      graph.node('abs', 'Abs', [x]),
      graph.floats('half', [], Float32Array.of(0.5)),
    ]);
    graph.node('y', op, ['positive']);
    await expectGraphRuns(graph, ['y']);
  });

  it.each([
    'Relu',
    'Relu6',
    'Sigmoid',
    'Tanh',
    'Elu',
    'Selu',
    'Softplus',
    'LeakyRelu',
    'Softmax',
    'LogSoftmax',
  ])('%s on a map and on an array', async (op) => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [-1, 4, 5]);
    graph.node('map', op, [x], { alpha: attr.number(0.15) });
    graph.node('turned', 'Transpose', [x, graph.ints('order', [0, 2, 1])]);
    graph.node('array', op, ['turned'], { alpha: attr.number(0.15) });
    await expectGraphRuns(graph, ['map', 'array']);
  });

  it('Prelu with a slope for each channel, and for each element', async () => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [-1, 3, 4, 5]);
    graph.node('channels', 'Prelu', [x, graph.floats('a', [1, 1, 5])]);
    graph.node('elements', 'Prelu', [x, graph.floats('b', [3, 4, 5])]);
    await expectGraphRuns(graph, ['channels', 'elements']);
  });

  it('a clamp written as Maximum and Minimum, as one step with what is before it', async () => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [-1, 5]);
    graph.node('sums', 'MatMul', [x, graph.floats('w', [5, 7])]);
    graph.node('low', 'Maximum', ['sums', graph.floats('zero', [], Float32Array.of(0))]);
    graph.node('y', 'Minimum', ['low', graph.floats('six', [], Float32Array.of(6))]);
    const session = await expectGraphRuns(graph, ['y']);
    expect(session.describe().steps.length).toBe(1);
  });

  it('AddN', async () => {
    const graph = new TestGraph(random);
    const names = ['a', 'b', 'c'].map((name) => graph.input(name, [-1, 2, 3, 4]));
    graph.node('y', 'AddN', names);
    await expectGraphRuns(graph, ['y']);
  });

  it('Cast between floats, integers and bools', async () => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [-1, 8]);
    const i = graph.input('i', [-1, 8], 'int32');
    graph.node('toInt', 'Cast', [x], { SrcT: attr.type('float32'), DstT: attr.type('int32') });
    graph.node('toFloat', 'Cast', [i], { SrcT: attr.type('int32'), DstT: attr.type('float32') });
    graph.node('toBool', 'Cast', [i], { SrcT: attr.type('int32'), DstT: attr.type('bool') });
    graph.node('back', 'Cast', ['toBool'], { SrcT: attr.type('bool'), DstT: attr.type('int32') });
    await expectGraphRuns(graph, ['toInt', 'toFloat', 'toBool', 'back']);
  });

  it('Select', async () => {
    const graph = new TestGraph(random);
    const [a, b] = [graph.input('a', [-1, 6]), graph.input('b', [-1, 6])];
    graph.node('less', 'Less', [a, b]);
    graph.node('y', 'Select', ['less', a, b]);
    await expectGraphRuns(graph, ['y']);
  });
});
