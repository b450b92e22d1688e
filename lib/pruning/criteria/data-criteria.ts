import type { DataCriterion } from '../criterion.ts';
import type { LiveCriterion } from './live-criterion.ts';

/** Criteria that score all weights of a model at once. */
export const dataCriteria: Readonly<Partial<Record<DataCriterion, LiveCriterion>>> = {};
