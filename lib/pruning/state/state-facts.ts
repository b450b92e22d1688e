import type { LayersModel } from '@tensorflow/tfjs-layers';
import { findWrappers } from '../find-wrappers.ts';
import type { PrunedWeight } from '../pruned-weight.ts';
import { type LayerVariable, variableOf } from '../tf-types.ts';
import type { OptimizerState, OptimizerValue } from './optimizer-state.ts';
import type { StateArray } from './state-file.ts';

/** The state of an optimizer whose arrays lie elsewhere in the file. */
export type SavedOptimizer = Omit<OptimizerState, 'values'> & { values: Omit<OptimizerValue, 'values'>[] };

/** What a training state says besides its arrays. */
export interface StateFacts {
  /** Every weight of the model: by these a file knows its model. */ weights: [
    key: string,
    shape: number[],
  ][];
  /** Keys of the masked ones. */ masked: string[];
  /** Step of each wrapper, by the name of its layer. */ steps: Record<string, number>;
  /** Of random criteria and of SET. */ seeds: number[];
  optimizer?: SavedOptimizer;
  /** Of learned scores, by key. */ scoreOptimizers: Record<string, SavedOptimizer>;
  /** Whether there is a rewind point. */ rewind: boolean;
  /** The caller's. */ extra: unknown;
}

/** Sizes of the axes of a weight. */
export const shapeOf = (weight: LayerVariable) => weight.shape as number[];

/** Every weight being pruned in a model. */
export const prunedOf = (model: LayersModel) => findWrappers(model).flatMap(({ pruned }) => pruned);

/** Names of the variables of weights and scores, by key: names differ from process to process, keys do not. */
export function namesByKey(
  weights: ReadonlyMap<string, LayerVariable>,
  pruned: readonly PrunedWeight[],
): Map<string, string> {
  const names = new Map([...weights].map(([key, weight]) => [key, variableOf(weight).name]));
  for (const { key, scores } of pruned) if (scores) names.set(`${key} scores`, scores.variable.name);
  return names;
}

/** Puts the arrays of an optimizer's state into a file's, and returns the rest. */
export function packOptimizer(
  state: OptimizerState,
  prefix: string,
  arrays: Map<string, StateArray>,
): SavedOptimizer {
  const values = state.values.map(({ values: data, ...value }, i) => {
    arrays.set(`${prefix}/${i}`, { shape: value.shape, data });
    return value;
  });
  return { ...state, values };
}

/** The state that {@link packOptimizer} took apart; `undefined` where an array is missing. */
export function unpackOptimizer(
  saved: SavedOptimizer,
  prefix: string,
  arrays: ReadonlyMap<string, StateArray>,
): OptimizerState | undefined {
  const values = saved.values.map((value, i) => ({ ...value, values: arrays.get(`${prefix}/${i}`)?.data }));
  return values.every((value): value is OptimizerValue => value.values instanceof Float32Array)
    ? { ...saved, values }
    : undefined;
}
