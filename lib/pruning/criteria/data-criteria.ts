import type { DataCriterion } from '../criterion.ts';
import { grasp } from './grasp.ts';
import type { LayerwiseCriterion } from './layerwise-criterion.ts';
import type { LiveCriterion } from './live-criterion.ts';
import { snip } from './snip.ts';
import { sparsegpt } from './sparsegpt.ts';
import { synflow } from './synflow.ts';
import { taylor } from './taylor.ts';
import { wanda } from './wanda.ts';

/** Criteria that prune layer by layer. */
export const layerwiseCriteria = { sparsegpt, wanda } as const satisfies Readonly<
  Partial<Record<DataCriterion, LayerwiseCriterion>>
>;

/** Criteria that run the model and score all its weights at once. */
export const modelCriteria: Readonly<
  Record<Exclude<DataCriterion, keyof typeof layerwiseCriteria>, LiveCriterion>
> = {
  grasp,
  snip,
  synflow,
  taylor,
};

/** The criterion of this name, if it is one that scores all weights at once. */
export function modelCriterion(name: unknown): LiveCriterion | undefined {
  return typeof name === 'string' && name in modelCriteria
    ? modelCriteria[name as keyof typeof modelCriteria]
    : undefined;
}

/** Whether a criterion prunes layer by layer. */
export function isLayerwise(name: unknown): name is keyof typeof layerwiseCriteria {
  return typeof name === 'string' && name in layerwiseCriteria;
}
