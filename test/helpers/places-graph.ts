import { attr, TestGraph } from './graph-model.ts';
import { Random } from './random.ts';

/** Where x [8] is positive: the places `where` [count, 1], and the `values` there [count]. */
export function placesGraph(): TestGraph {
  const graph = new TestGraph(new Random(1));
  const x = graph.input('x', [8]);
  graph.node('mask', 'Greater', [x, graph.floats('zero', [], Float32Array.of(0))]);
  graph.node('where', 'Where', ['mask']);
  graph.node('flat', 'Squeeze', ['where'], { squeeze_dims: attr.integers(1) });
  graph.node('values', 'GatherV2', [x, 'flat', graph.ints('axis', [0], [])]);
  return graph;
}
