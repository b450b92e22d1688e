import { SparseError } from '../errors.ts';
import type { GraphLayer, ModelGraph, TensorRef } from './model-graph.ts';

/** One call of a layer. */
export interface Call {
  layer: GraphLayer;
  call: number;
}

/**
 * The calls that a model's outputs need, each behind those that it reads; the model's own inputs are left out.
 *
 * @throws SparseError `ERR_SPARSE_MODEL` when a layer needs its own output
 */
export function callOrder(graph: ModelGraph): Call[] {
  const order: Call[] = [];
  const state = new Map<string, 'open' | 'done'>();
  for (const input of graph.inputs) state.set(key(input), 'done');
  // A stack of our own: a deep model must not end at the depth of the language's.
  const stack: { ref: TensorRef; next: number }[] = [];
  for (const output of graph.outputs) {
    stack.push({ ref: output, next: 0 });
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const layer = graph.layers.get(top.ref.layer)!;
      if (top.next === 0) {
        const known = state.get(key(top.ref));
        if (known === 'open') throw cycle(graph, top.ref.layer);
        if (known === 'done') {
          stack.pop();
          continue;
        }
        state.set(key(top.ref), 'open');
      }
      const input = layer.calls[top.ref.call]![top.next++];
      if (input) {
        stack.push({ ref: input, next: 0 });
      } else {
        state.set(key(top.ref), 'done');
        order.push({ layer, call: top.ref.call });
        stack.pop();
      }
    }
  }
  return order;
}

function cycle(graph: ModelGraph, layer: string): SparseError {
  return new SparseError(
    'ERR_SPARSE_MODEL',
    `compile: model "${graph.name}" has a cycle: layer "${layer}" needs its own output. Was the topology edited by hand?`,
    { layer, expected: 'a graph without cycles', received: layer },
  );
}

function key({ layer, call }: TensorRef): string {
  return `${call}:${layer}`;
}
