import { SparseError } from '../errors.ts';
import type { Edge, GraphNode } from './read-graph.ts';

/**
 * The nodes that some edges need, each behind those that it reads.
 *
 * @param inputsOf - what a node reads; default: its inputs
 * @throws SparseError `ERR_SPARSE_MODEL` when a node needs its own output
 */
export function nodeOrder(
  nodes: ReadonlyMap<string, GraphNode>,
  wanted: readonly Edge[],
  inputsOf: (node: GraphNode) => readonly Edge[] = ({ inputs }) => inputs,
): GraphNode[] {
  const order: GraphNode[] = [];
  const state = new Map<string, 'open' | 'done'>();
  // A stack of our own: a deep graph must not end at the depth of the language's.
  const stack: { node: GraphNode; next: number }[] = [];
  for (const { node: name } of wanted) {
    stack.push({ node: nodes.get(name)!, next: 0 });
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      if (top.next === 0) {
        const known = state.get(top.node.name);
        if (known === 'open') throw cycle(top.node.name);
        if (known === 'done') {
          stack.pop();
          continue;
        }
        state.set(top.node.name, 'open');
      }
      const input = inputsOf(top.node)[top.next++];
      if (!input) {
        state.set(top.node.name, 'done');
        order.push(top.node);
        stack.pop();
        continue;
      }
      const source = nodes.get(input.node)!;
      // The back edge of a loop is no cycle: the loop's nodes are looked at like any others.
      if (top.node.op !== 'Merge' || source.op !== 'NextIteration') stack.push({ node: source, next: 0 });
    }
  }
  return order;
}

function cycle(node: string): SparseError {
  return new SparseError(
    'ERR_SPARSE_MODEL',
    `compile: the graph has a cycle: node "${node}" needs its own output. Was the graph edited by hand?`,
    { layer: node, expected: 'a graph without cycles', received: node },
  );
}
