import { describe, expect, it } from 'vitest';
import { attr, expectGraphRuns, TestGraph } from '../../../helpers/graph-model.ts';
import { Random } from '../../../helpers/random.ts';

const random = new Random();
const seeds = Array.from({ length: 4 }, () => random.integer(1, 1e9));
const scalar = (graph: TestGraph, name: string, value: number) =>
  graph.floats(name, [], Float32Array.of(value));

/** Boxes around four places, so that many overlap. */
function boxesOf(graph: TestGraph, count: number): { boxes: string; scores: string } {
  const x = graph.input('x', [count, 4]);
  const places = Float32Array.from({ length: count * 4 }, (_, i) => {
    const box = Math.floor(i / 4) % 4;
    return (i % 2 === 0 ? box % 2 : Math.floor(box / 2)) * 4 + (i % 4 >= 2 ? 2 : 0);
  });
  const boxes = graph.node('boxes', 'AddV2', [
    graph.node('small', 'Mul', [x, scalar(graph, 'small/y', 0.4)]),
    graph.floats('places', [count, 4], places),
  ]);
  return { boxes, scores: graph.input('scores', [count]) };
}

describe('what the run finds is as long as TensorFlow.js finds it:', () => {
  it.each(seeds)('Where, and what is computed of its places, seed %i', async (seed) => {
    const graph = new TestGraph(new Random(seed));
    const [n, m] = [graph.random.integer(2, 9), graph.random.integer(1, 6)];
    const x = graph.input('x', [n, m]);
    graph.node('mask', 'Greater', [x, scalar(graph, 'limit', graph.random.floats(1, 1)[0]!)]);
    graph.node('where', 'Where', ['mask']);
    graph.node('values', 'GatherNd', [x, 'where']);
    const row = graph.input('row', [n]);
    graph.node('rowMask', 'GreaterEqual', [row, scalar(graph, 'zero', 0)]);
    graph.node('rowWhere', 'Where', ['rowMask']);
    graph.node('places', 'Squeeze', ['rowWhere'], { squeeze_dims: attr.integers(1) });
    graph.node('rows', 'GatherV2', [x, 'places', graph.ints('axis', [0], [])]);
    graph.node('scaled', 'Mul', ['rows', graph.floats('k', [m])]);
    graph.node('sums', 'Sum', ['scaled', graph.ints('last', [1])], { keep_dims: attr.boolean(false) });
    graph.node('total', 'Sum', ['scaled', graph.ints('first', [0])], { keep_dims: attr.boolean(false) });
    graph.node('shape', 'Shape', ['rows']);
    await expectGraphRuns(graph, ['where', 'rows', 'scaled', 'sums', 'total', 'shape']);
  });

  it('the coordinates of nothing, and of all', async () => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [3, 2]);
    graph.node('none', 'Where', [graph.node('a', 'Greater', [x, scalar(graph, 'high', 1e6)])]);
    graph.node('all', 'Where', [graph.node('b', 'Less', [x, 'high'])]);
    const session = await expectGraphRuns(graph, ['none', 'all']);
    expect(session.outputs.map(({ shape }) => shape)).toEqual([
      [null, 2],
      [null, 2],
    ]);
    const values = { x: new Float32Array(6) };
    const results = await session.runAsync(values);
    expect(results.none).toEqual(new Int32Array(0));
    expect(results.all!.length).toBe(12);
    const out = { all: new Int32Array(12).fill(9), none: new Int32Array(12).fill(9) };
    expect(session.run(values, { out }).all!.buffer).toBe(out.all.buffer);
  });

  it.each(seeds)('NonMaxSuppression V3, V4 and V5, hard and soft, seed %i', async (seed) => {
    const graph = new TestGraph(new Random(seed));
    const { boxes, scores } = boxesOf(graph, graph.random.integer(3, 20));
    const size = graph.ints('size', [graph.random.integer(1, 12)], []);
    const overlap = scalar(graph, 'overlap', 0.3);
    const lowest = scalar(graph, 'lowest', -0.5);
    graph.node('v3', 'NonMaxSuppressionV3', [boxes, scores, size, overlap, lowest]);
    const sigma = { none: scalar(graph, 'none/y', 0), soft: scalar(graph, 'soft/y', 0.5) };
    for (const [name, value] of Object.entries(sigma))
      graph.node(name, 'NonMaxSuppressionV5', [boxes, scores, size, overlap, lowest, value]);
    const outputs = ['none:1', 'soft:1'].map((edge) => graph.node(`${edge[0]}Scores`, 'Identity', [edge]));
    await expectGraphRuns(graph, ['v3', 'none', 'soft', ...outputs]);
  });

  it('NonMaxSuppressionV4, padded to the number that was asked for but not beyond the boxes', async () => {
    const graph = new TestGraph(random);
    const { boxes, scores } = boxesOf(graph, 6);
    const limits = [graph.ints('size', [10], []), scalar(graph, 'overlap', 0.3), scalar(graph, 'lowest', 0)];
    const padded = { pad_to_max_output_size: attr.boolean(true) };
    graph.node('v4', 'NonMaxSuppressionV4', [boxes, scores, ...limits], padded);
    graph.node('valid', 'Identity', ['v4:1']);
    await expectGraphRuns(graph, ['v4', 'valid']);
  });

  it.each(seeds)(
    'candidates that are searched, suppressed, sorted and padded to a fixed number, seed %i',
    async (seed) => {
      const graph = new TestGraph(new Random(seed));
      const count = graph.random.integer(6, 20);
      const { boxes, scores } = boxesOf(graph, count);
      const axis = graph.ints('axis', [0], []);
      graph.node('mask', 'GreaterEqual', [scores, scalar(graph, 'limit', -0.2)]);
      graph.node('found', 'Squeeze', [graph.node('where', 'Where', ['mask'])], {
        squeeze_dims: attr.integers(1),
      });
      graph.node('near', 'GatherV2', [boxes, 'found', axis]);
      graph.node('high', 'GatherV2', [scores, 'found', axis]);
      const limits = [graph.ints('size', [5], []), scalar(graph, 'overlap', 0.3), scalar(graph, 'low', -1)];
      graph.node('kept', 'NonMaxSuppressionV3', ['near', 'high', ...limits]);
      graph.node('best', 'GatherV2', ['near', 'kept', axis]);
      const slice = { shrink_axis_mask: attr.integer(1) };
      const ends = [graph.ints('b', [0]), graph.ints('e', [1]), graph.ints('s', [1])];
      const int = { T: attr.type('int32') };
      graph.node('number', 'StridedSlice', [graph.node('shape', 'Shape', ['best']), ...ends], slice);
      graph.node('missing', 'Sub', [graph.ints('five', [5], []), 'number'], int);
      graph.node('room', 'Pack', [graph.ints('zero', [0], []), 'missing'], { axis: attr.integer(0), ...int });
      graph.node('rooms', 'Pack', ['room', graph.ints('none', [0, 0])], { axis: attr.integer(0), ...int });
      graph.node('padded', 'Pad', ['best', 'rooms']);
      graph.node('roomOf', 'ExpandDims', ['missing', axis]);
      graph.node('zeros', 'Fill', ['roomOf', graph.ints('z', [0], [])], int);
      graph.node('joined', 'ConcatV2', ['kept', 'zeros', axis], int);
      graph.node('tail', 'ConcatV2', ['kept', 'kept', axis], int);
      graph.node('sorted', 'TopKV2', [
        'high',
        graph.node('all', 'StridedSlice', [graph.node('hs', 'Shape', ['high']), ...ends], slice),
      ]);
      graph.node('order', 'Identity', ['sorted:1'], int);
      graph.node('upTo', 'Minimum', [graph.ints('three', [3], []), 'number'], int);
      graph.node('range', 'Range', ['z', 'upTo', graph.ints('one', [1], [])], int);
      graph.node('first', 'GatherV2', ['best', 'range', axis]);
      const outputs = ['padded', 'joined', 'tail', 'sorted', 'order', 'first', 'number'];
      const session = await expectGraphRuns(graph, outputs);
      expect(session.outputs[0]).toMatchObject({ name: 'padded', shape: [5, 4] });
      expect(session.outputs[2]).toMatchObject({ name: 'tail', shape: [null] });
    },
  );
});
