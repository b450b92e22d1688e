import { constant } from '../layers/ops/graph-tensor.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../layers/unsupported-feature.ts';
import type { GraphNode } from './read-graph.ts';
import type { Spread } from './spread.ts';
import type { Item } from './tensor-lists.ts';

/** What an edge of a branch carries that is not taken. */
export const dead = { kind: 'dead' } as const;

/** What an edge carries while a graph is lowered. */
export type Carried = Item | Spread | typeof dead;

const operations: readonly string[] = ['Switch', 'Merge', 'LoopCond', 'NextIteration'];

export function isBranch({ op }: GraphNode): boolean {
  return operations.includes(op);
}

/**
 * Lowers a node of control flow: a branch whose condition is known is taken or not when the model is compiled.
 *
 * @param inputs - `undefined` behind what cannot be compiled
 * @returns `undefined` where an input is not there
 */
export function lowerBranch(
  node: GraphNode,
  inputs: readonly (Carried | undefined)[],
): readonly Carried[] | undefined {
  switch (node.op) {
    case 'Switch': {
      const [value, condition] = inputs;
      if (!value || !condition) return undefined;
      if (value.kind === 'dead' || condition.kind === 'dead') return [dead];
      if (condition.kind !== 'constant')
        throw new UnsupportedFeature(
          `its condition depends on the inputs, and is compiled only where it is known; give the value of an input that decides it with the option constants, or ${keepInTensorFlow}`,
        );
      return condition.data[0] ? [dead, value] : [value, dead];
    }
    case 'Merge': {
      const live = inputs.findIndex((input) => input?.kind !== 'dead');
      const value = inputs[live];
      if (live < 0) return [dead];
      return value ? [value, constant('int32', [], Int32Array.of(live))] : undefined;
    }
    default:
      return inputs[0] && [inputs[0]];
  }
}
