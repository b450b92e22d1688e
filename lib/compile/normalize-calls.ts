import type { Dialect } from '../layers/layer-config.ts';
import { malformed } from './json.ts';
import type { ModelGraph, TensorRef } from './model-graph.ts';

/**
 * Counts the calls of every layer from 0 and checks that each reference leads somewhere.
 *
 * TF.js and Keras 2 count a nested model's calls from 1 (call 0 is the one that made it), Keras 3 from 0, and
 * some Keras 2 versions a nested Sequential from 0 too. So the references themselves decide, and the dialect
 * only where they leave it open.
 */
export function normalizeCalls(graph: ModelGraph, dialect: Dialect): void {
  const refs = [
    ...graph.inputs,
    ...graph.outputs,
    ...[...graph.layers.values()].flatMap((l) => l.calls.flat()),
  ];
  const byLayer = groupByLayer(refs);
  for (const [name, group] of byLayer) {
    const layer = graph.layers.get(name);
    if (!layer) throw malformed(`model "${graph.name}"`, 'references to its own layers', name);
    if (layer.kind === 'model') {
      const first = firstCall(group, layer.calls.length, dialect);
      for (const ref of group) ref.call -= first;
    }
    const lost = group.find((ref) => ref.call < 0 || ref.call >= layer.calls.length);
    if (lost) {
      throw malformed(
        `model "${graph.name}"`,
        `references to the ${layer.calls.length} calls of layer "${name}"`,
        `call ${lost.call}`,
      );
    }
  }
}

function firstCall(group: readonly TensorRef[], calls: number, dialect: Dialect): 0 | 1 {
  if (group.some((ref) => ref.call >= calls)) return 1;
  if (group.some((ref) => ref.call === 0)) return 0;
  return dialect === 'keras3' ? 0 : 1;
}

function groupByLayer(refs: readonly TensorRef[]): Map<string, TensorRef[]> {
  const groups = new Map<string, TensorRef[]>();
  for (const ref of refs) {
    const group = groups.get(ref.layer);
    if (group) group.push(ref);
    else groups.set(ref.layer, [ref]);
  }
  return groups;
}
