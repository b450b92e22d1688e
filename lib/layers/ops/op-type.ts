import type { GraphTensor } from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';

/** What this package knows about one operation of GraphModels (or a few that differ only in name). */
export interface OpType {
  /** As `op` of a node gives it. */
  readonly ops: readonly string[];
  /**
   * Adds the steps of a node to the plan; returns what the node makes.
   *
   * @throws {@link UnsupportedFeature} for what cannot be compiled, {@link BatchIsMixed} where an open batch is in the way
   */
  readonly lower: (call: OpCall) => GraphTensor[];
}
