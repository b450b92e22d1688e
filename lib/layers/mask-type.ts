import type { ValueId } from '../plan/plan.ts';

/**
 * Which time steps of a sequence count: a map of one channel with 1 or 0 for each. Or, where TensorFlow.js does
 * something that is no mask any more, why a layer that reads it cannot be compiled.
 */
export type Mask = { id: ValueId } | { trouble: string };
