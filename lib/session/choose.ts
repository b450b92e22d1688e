import type { WeightStats } from '../native/bindings.ts';
import { native } from '../native/load.ts';
import type { Conv2dStep, MatmulStep, Plan, PlanStep, RecurrenceStep } from '../plan/plan.ts';
import { stepShape } from '../plan/step-shape.ts';
import { chooseKernels, type KernelChoice, type SparseMode, type Weight } from '../sparse/kernel-choice.ts';
import { checkStorable, type Storage } from '../sparse/storage.ts';

/** A step that is a product with a weight. */
export type ProductStep = MatmulStep | Conv2dStep | RecurrenceStep;

export function isProduct(step: PlanStep): step is ProductStep {
  return step.op === 'matmul' || step.op === 'conv2d' || step.op === 'recurrence';
}

/** Positions of the map that a product reads as one vector, in memory order; 1 where it reads channels. */
function flattenedPositions(plan: Plan, step: ProductStep): number {
  const { channels, height, width } = plan.values[step.inputs[0]!]!;
  return step.op === 'matmul' && step.k !== channels ? height * width : 1;
}

/** The weight of a product for the cost model. */
export function weightOf({ n, k, op }: ProductStep, stats: WeightStats, storage: Storage): Weight {
  return { n, k, stats, storage, copied: op === 'conv2d' };
}

/** What is known of the weight of each product. */
export function productStats(plan: Plan): Map<ProductStep, WeightStats> {
  const stats = new Map<ProductStep, WeightStats>();
  for (const step of plan.steps.filter(isProduct)) {
    const { data } = plan.tensors[step.weight]!;
    stats.set(step, native().denseStats(data, step.n, step.k, flattenedPositions(plan, step)));
  }
  return stats;
}

/**
 * Refuses weights that the storage cannot hold.
 *
 * @throws {@link SparseError} `ERR_SPARSE_STORAGE` naming the layer
 */
export function checkStorage(plan: Plan, storage: Storage): void {
  for (const { layer, weight } of plan.steps.filter(isProduct))
    checkStorable('session', storage, plan.tensors[weight]!.data, { layer, tensor: weight });
}

/** Numbers of columns (M) that a step meets for these batch sizes. */
export function columnsOf(plan: Plan, step: ProductStep, batch: readonly number[]): number[] {
  const columns = batch.map((size) => stepShape(plan, step, size).m);
  // A convolution runs as a matrix even at a single position.
  return step.op === 'conv2d' ? columns.map((m) => Math.max(m, 2)) : columns;
}

/** How often a run multiplies with the weight: a recurrence does at every time step. */
export function timesRun(plan: Plan, step: ProductStep): number {
  const { height, width } = plan.values[step.inputs[0]!]!;
  return step.op === 'recurrence' ? height * width : 1;
}

/** How every product of the plan runs on this CPU, by the cost model. */
export function chooseForPlan(
  plan: Plan,
  stats: ReadonlyMap<ProductStep, WeightStats>,
  batch: readonly number[],
  mode: SparseMode,
  storage: Storage,
): Map<ProductStep, KernelChoice> {
  const { isa } = native().info();
  const choices = new Map<ProductStep, KernelChoice>();
  for (const [step, known] of stats) {
    const weight = weightOf(step, known, storage);
    choices.set(
      step,
      chooseKernels(weight, isa, columnsOf(plan, step, batch), mode, { vectors: step.op !== 'conv2d' }),
    );
  }
  return choices;
}
