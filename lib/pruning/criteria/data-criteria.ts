import type { DataCriterion } from '../criterion.ts';
import { grasp } from './grasp.ts';
import type { LiveCriterion } from './live-criterion.ts';
import { snip } from './snip.ts';
import { synflow } from './synflow.ts';
import { taylor } from './taylor.ts';

/** Criteria that run the model and score all its weights at once. */
export const dataCriteria: Readonly<Partial<Record<DataCriterion, LiveCriterion>>> = {
  grasp,
  snip,
  synflow,
  taylor,
};
