import type { UnsupportedLayer } from '../errors.ts';
import type { Artifacts } from '../io/artifacts.ts';
import type { PlanBuilder } from '../plan/builder.ts';
import type { ValueId } from '../plan/plan.ts';
import { GraphLowering } from './lower-graph.ts';
import { nameNumberedWeights } from './numbered-weights.ts';
import { readTopology } from './read-topology.ts';
import { WeightStore } from './weight-store.ts';

/** What a front end hands back: the model's outputs by name, and the layers that stood in the way. */
export interface Lowered {
  /** In the order of the model; complete only when `unsupported` is empty. */
  outputs: ReadonlyMap<string, ValueId>;
  unsupported: readonly UnsupportedLayer[];
}

/** Adds the steps of a Sequential or functional model to `plan`. */
export function lowerLayersModel(artifacts: Artifacts, plan: PlanBuilder): Lowered {
  const { graph, dialect } = readTopology(artifacts.topology);
  const lowering = new GraphLowering(plan, new WeightStore(nameNumberedWeights(graph, artifacts)), dialect);
  const outputs = new Map<string, ValueId>();
  try {
    const values = lowering.lowerRoot(graph);
    graph.outputs.forEach(({ layer }, i) => {
      const value = values[i]?.[0];
      if (value !== undefined) outputs.set(freeName(outputs, layer), value);
    });
  } catch (error) {
    // What cannot be compiled at all is the better answer than what is wrong with the rest.
    if (lowering.unsupported.length === 0) throw error;
  }
  return { outputs, unsupported: lowering.unsupported };
}

/** Outputs are named after their layers, as in TF.js; a layer with several gets numbers. */
function freeName(taken: ReadonlyMap<string, unknown>, layer: string): string {
  let name = layer;
  for (let i = 1; taken.has(name); i++) name = `${layer}_${i}`;
  return name;
}
