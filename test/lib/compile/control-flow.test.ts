import { describe, expect, it } from 'vitest';
import { UnsupportedLayerError } from '../../../lib/errors.ts';
import { compile } from '../../../lib/session/compile.ts';
import { attr, expectGraphRuns, TestGraph } from '../../helpers/graph-model.ts';
import { Random } from '../../helpers/random.ts';
import { rejection } from '../../helpers/sessions.ts';

const random = new Random();
const int = { T: attr.type('int32') };

/** A branch that doubles x, or gives its tanh, as the input `flag` says. */
function branches(): TestGraph {
  const graph = new TestGraph(random);
  const x = graph.input('x', [2, 3]);
  const flag = graph.input('flag', []);
  graph.node('isHigh', 'Greater', [flag, graph.floats('half', [], Float32Array.of(0.5))]);
  graph.node('switch', 'Switch', [x, 'isHigh']);
  graph.node('low', 'Tanh', ['switch']);
  graph.node('high', 'Mul', ['switch:1', graph.floats('two', [], Float32Array.of(2))]);
  graph.node('y', 'Merge', ['low', 'high'], { N: attr.integer(2) });
  return graph;
}

/** for (i = 0; i < rounds; i++) with a sum that goes round. */
function loop(
  graph: TestGraph,
  rounds: string,
  values: Record<string, string>,
  body: (graph: TestGraph) => Record<string, string>,
) {
  const frame = { frame_name: attr.text('loop'), is_constant: attr.boolean(false) };
  const enter = (name: string, input: string, isConstant = false) =>
    graph.node(`${name}/enter`, 'Enter', [input], { ...frame, is_constant: attr.boolean(isConstant) });
  const all = { i: graph.ints('i/first', [0], []), ...values };
  for (const [name, input] of Object.entries(all))
    graph.node(`${name}/merge`, 'Merge', [enter(name, input), `${name}/next`], { N: attr.integer(2) });
  graph.node('less', 'Less', ['i/merge', enter('rounds', rounds, true)], int);
  graph.node('condition', 'LoopCond', ['less']);
  for (const name of Object.keys(all)) {
    graph.node(`${name}/switch`, 'Switch', [`${name}/merge`, 'condition']);
    graph.node(name, 'Identity', [`${name}/switch:1`]);
    graph.node(`${name}/exit`, 'Exit', [`${name}/switch`]);
  }
  const next = { i: graph.node('i/sum', 'AddV2', ['i', graph.ints('one', [1], [])], int), ...body(graph) };
  for (const [name, value] of Object.entries(next)) graph.node(`${name}/next`, 'NextIteration', [value]);
}

describe('control flow that is known when the model is compiled:', () => {
  it.each([0, 1])('a branch by the value of an input, %i', async (flag) => {
    const session = await expectGraphRuns(branches(), ['y'], 1, 1e-5, { constants: { flag } });
    expect(session.inputs.map(({ name }) => name)).toEqual(['x']);
    const steps = session.describe().steps.map(({ layer }) => layer);
    expect(steps).not.toContain(flag === 1 ? 'low' : 'high');
  });

  it('the operations of a branch that is not taken may be any', async () => {
    const graph = branches();
    graph.node('other', 'Unique', ['switch']);
    graph.node('z', 'Merge', ['other', 'high'], { N: attr.integer(2) });
    const session = await compile(graph.artifacts(['z']), { constants: { flag: [1] } });
    expect([...(session.run(Float32Array.of(1, 2, 3, 4, 5, 6)) as Float32Array)]).toEqual([
      2, 4, 6, 8, 10, 12,
    ]);
  });

  it('a condition that depends on an input is named, with what to do', async () => {
    const error = await rejection(compile(branches().artifacts(['y'])));
    expect(error).toBeInstanceOf(UnsupportedLayerError);
    expect((error as UnsupportedLayerError).layers).toMatchObject([{ name: 'switch', className: 'Switch' }]);
    expect((error as Error).message).toMatch(/option constants/);
  });

  it.each([0, 1, 4])('a loop of %i rounds', async (rounds) => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [2, 3]);
    loop(graph, graph.ints('rounds/n', [rounds], []), { sum: x }, (g) => ({
      sum: g.node('sum/tanh', 'Tanh', [g.node('sum/more', 'AddV2', ['sum', 'sum'])]),
    }));
    graph.node('y', 'Relu', ['sum/exit']);
    await expectGraphRuns(graph, ['y']);
  });

  it('a loop over a TensorList, as TensorFlow maps a function', async () => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [4, 3]);
    const shape = graph.ints('shape', [3]);
    const count = graph.ints('count', [4], []);
    const list = { element_dtype: attr.type('float32'), shape_type: attr.type('int32') };
    const rows = graph.node('rows', 'TensorListFromTensor', [x, shape], list);
    const made = graph.node('made', 'TensorListReserve', [shape, count], list);
    loop(graph, count, { from: rows, to: made }, (g) => {
      g.node('row', 'TensorListGetItem', ['from', 'i', shape], list);
      g.node('row/tanh', 'Tanh', ['row']);
      return { from: 'from', to: g.node('to/set', 'TensorListSetItem', ['to', 'i', 'row/tanh'], list) };
    });
    graph.node('y', 'TensorListStack', ['to/exit', shape], { ...list, num_elements: attr.integer(4) });
    await expectGraphRuns(graph, ['y']);
  });

  it('a loop over a TensorArray', async () => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [3, 2]);
    const count = graph.ints('count', [3], []);
    const array = {
      dtype: attr.type('float32'),
      element_shape: { shape: { unknownRank: true } },
      dynamic_size: attr.boolean(false),
      clear_after_read: attr.boolean(false),
      identical_element_shapes: attr.boolean(true),
      tensor_array_name: attr.text(''),
    };
    const frame = { frame_name: attr.text('loop'), is_constant: attr.boolean(true) };
    graph.node('in', 'TensorArrayV3', [count], array);
    graph.node('out', 'TensorArrayV3', [count], array);
    const all = graph.ints('all', [0, 1, 2]);
    graph.node('filled', 'TensorArrayScatterV3', ['in', all, x, 'in:1']);
    graph.node('in/enter', 'Enter', ['in'], frame);
    graph.node('filled/enter', 'Enter', ['filled'], frame);
    graph.node('out/enter', 'Enter', ['out'], frame);
    loop(graph, count, { flow: 'out:1' }, (g) => {
      g.node('row', 'TensorArrayReadV3', ['in/enter', 'i', 'filled/enter'], { dtype: attr.type('float32') });
      g.node('row/tanh', 'Tanh', ['row']);
      return { flow: g.node('write', 'TensorArrayWriteV3', ['out/enter', 'i', 'row/tanh', 'flow']) };
    });
    graph.node('y', 'TensorArrayGatherV3', ['out', all, 'flow/exit'], array);
    await expectGraphRuns(graph, ['y']);
  });

  it('a loop whose rounds depend on an input is named', async () => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [2, 3]);
    const rounds = graph.node('n', 'Cast', [graph.input('n/float', [])], {
      SrcT: attr.type('float32'),
      DstT: attr.type('int32'),
    });
    loop(graph, rounds, { sum: x }, (g) => ({ sum: g.node('more', 'AddV2', ['sum', 'sum']) }));
    const error = await rejection(compile(graph.artifacts(['sum/exit'])));
    expect((error as UnsupportedLayerError).layers).toMatchObject([
      { name: 'condition', className: 'LoopCond' },
    ]);
    expect((error as Error).message).toMatch(/rounds of this loop/);
  });

  it('a loop without end is named', async () => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [2, 3]);
    loop(graph, graph.ints('rounds/n', [100_000], []), { sum: x }, () => ({ sum: 'sum' }));
    const error = await rejection(compile(graph.artifacts(['sum/exit'])));
    expect((error as Error).message).toMatch(/1024 at most/);
  });
});

describe('inputs whose sizes the model leaves open', () => {
  const open = () => {
    const graph = new TestGraph(random);
    graph.node('y', 'Tanh', [graph.input('x', [-1, -1, -1, 2])]);
    return graph;
  };

  it('take them from inputShapes', async () => {
    const inputShapes = { x: [null, 3, 4, 2] };
    const session = await expectGraphRuns(open(), ['y'], 3, 1e-5, { inputShapes });
    expect(session.inputs[0]!.shape).toEqual([null, 3, 4, 2]);
    const fixed = await compile(open().artifacts(['y']), { inputShapes: { x: [2, 3, 4, 2] } });
    expect(fixed.outputs[0]!.shape).toEqual([2, 3, 4, 2]);
  });

  it.each([
    ['inputShapes', { z: [1, 2, 3, 2] }, /no input "z"/],
    ['inputShapes', { x: [1, 2, 3, 5] }, /sizes that fit \[null,null,null,2\]/],
    ['inputShapes', { x: [1, 2, 2] }, /sizes that fit/],
    ['inputShapes', { x: [1, null, 3, 2] }, /sizes from 1/],
    ['inputShapes', { x: [1, 0, 3, 2] }, /sizes from 1/],
    ['inputShapes', { x: 'all' }, /sizes from 1/],
    ['inputShapes', [1], /no input "0"|an object by input name/],
    ['constants', { z: 1 }, /no input "z"/],
    ['constants', { x: 'one' }, /a number or numbers/],
    ['constants', { x: [] }, /a number or numbers/],
  ])('refuse %s of %j', async (option, value, message) => {
    const error = await rejection(compile(open().artifacts(['y']), { [option]: value } as never));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
    expect((error as Error).message).toMatch(message);
  });

  it('name the option where nothing is given', async () => {
    const error = await rejection(compile(open().artifacts(['y'])));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_MODEL', layer: 'x' });
    expect((error as Error).message).toMatch(/option inputShapes/);
  });
});
