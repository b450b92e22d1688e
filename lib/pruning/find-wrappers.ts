import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Coordinator } from './coordinator.ts';
import { ruleAsText } from './pruning-rule.ts';
import { isModel } from './tf-types.ts';
import { PruningWrapper } from './wrapper.ts';

/** Every pruning wrapper of a model, nested models included, each once, in the order of the layers. */
export function findWrappers(model: LayersModel): PruningWrapper[] {
  const found = new Set<PruningWrapper>();
  const visit = (container: LayersModel) => {
    for (const layer of container.layers) {
      if (layer instanceof PruningWrapper) found.add(layer);
      else if (isModel(layer)) visit(layer);
    }
  };
  visit(model);
  return [...found];
}

/**
 * The coordinators of a model's wrappers. Wrappers that have none yet, as in a model just loaded, get one together if
 * they have the same rule; those of compat 'tfmot' need none.
 */
export function coordinatorsOf(model: LayersModel): Coordinator[] {
  const found = new Set<Coordinator>();
  const waiting = new Map<string, PruningWrapper[]>();
  for (const wrapper of findWrappers(model)) {
    if (wrapper.compat === 'tfmot') continue;
    if (wrapper.coordinator?.complete) {
      found.add(wrapper.coordinator);
      continue;
    }
    const { weights, ...shared } = wrapper.rule;
    const rule = ruleAsText(shared);
    waiting.set(rule, [...(waiting.get(rule) ?? []), wrapper]);
  }
  for (const wrappers of waiting.values()) {
    const coordinator = new Coordinator(wrappers);
    for (const wrapper of wrappers) wrapper.coordinator = coordinator;
    found.add(coordinator);
  }
  return [...found];
}
