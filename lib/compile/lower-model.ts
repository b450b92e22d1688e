import { SparseError, UnsupportedLayerError } from '../errors.ts';
import type { Artifacts } from '../io/artifacts.ts';
import type { ModelSource } from '../io/model-source.ts';
import { readArtifacts } from '../io/read-artifacts.ts';
import { PlanBuilder } from '../plan/builder.ts';
import { optimizePlan } from '../plan/passes/optimize.ts';
import type { Plan } from '../plan/plan.ts';
import type { InputFacts } from './known-inputs.ts';
import { lowerGraphModel } from './lower-graph-model.ts';
import { lowerLayersModel } from './lower-layers-model.ts';

/** What `lowerModel` takes beside the model. */
export interface LowerOptions extends InputFacts {
  /** Outputs wanted, by name; default: all. What only the others need is left out. */
  outputs?: readonly string[];
}

/**
 * Turns a model into a plan: reads it, lowers its layers to steps, runs the passes.
 *
 * @throws UnsupportedLayerError with every layer that cannot be compiled
 * @throws SparseError `ERR_SPARSE_MODEL` for a model that cannot be read, is not built, or does not hang together
 */
export async function lowerModel(source: ModelSource, options: LowerOptions = {}): Promise<Plan> {
  return optimizePlan(lowerArtifacts(await readArtifacts(source), options));
}

/** The plan before the passes: each layer its own steps. */
export function lowerArtifacts(artifacts: Artifacts, options: LowerOptions = {}): Plan {
  if (artifacts.format === 'graph') {
    const { plan, unsupported } = lowerGraphModel(artifacts, options.outputs, options);
    if (unsupported.length > 0) throw new UnsupportedLayerError(unsupported);
    return plan;
  }
  const plan = new PlanBuilder();
  const { outputs, unsupported } = lowerLayersModel(artifacts, plan);
  if (unsupported.length > 0) throw new UnsupportedLayerError(unsupported);
  for (const name of options.outputs ?? outputs.keys()) {
    const value = outputs.get(name);
    if (value === undefined) throw unknownOutput(name, [...outputs.keys()]);
    plan.output(name, value);
  }
  return plan.finish();
}

function unknownOutput(name: string, names: readonly string[]): SparseError {
  return new SparseError(
    'ERR_SPARSE_OPTION',
    `compile: outputs: the model has no output "${name}". Its outputs are ${names.join(', ')}.`,
    { tensor: 'outputs', expected: names, received: name },
  );
}
