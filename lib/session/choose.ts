import type { WeightStats } from '../native/bindings.ts';
import { native } from '../native/load.ts';
import type { Conv2dStep, MatmulStep, Plan, PlanStep } from '../plan/plan.ts';
import { stepShape } from '../plan/step-shape.ts';
import { chooseKernels, type KernelChoice, type SparseMode } from '../sparse/kernel-choice.ts';

/** A step that is a product with a weight. */
export type ProductStep = MatmulStep | Conv2dStep;

export function isProduct(step: PlanStep): step is ProductStep {
  return step.op === 'matmul' || step.op === 'conv2d';
}

/** What is known of the weight of each product. */
export function productStats(plan: Plan): Map<ProductStep, WeightStats> {
  const stats = new Map<ProductStep, WeightStats>();
  for (const step of plan.steps.filter(isProduct))
    stats.set(step, native().denseStats(plan.tensors[step.weight]!.data, step.n, step.k));
  return stats;
}

/** Numbers of columns (M) that a step meets for these batch sizes; a convolution always runs as a matrix. */
export function columnsOf(plan: Plan, step: ProductStep, batch: readonly number[]): number[] {
  const columns = batch.map((size) => stepShape(plan, step, size).m);
  return step.op === 'conv2d' && Math.max(...columns) === 1
    ? [2]
    : columns.filter((m) => step.op !== 'conv2d' || m > 1);
}

/** How every product of the plan runs on this CPU, by the cost model. */
export function chooseForPlan(
  plan: Plan,
  stats: ReadonlyMap<ProductStep, WeightStats>,
  batch: readonly number[],
  mode: SparseMode,
): Map<ProductStep, KernelChoice> {
  const { isa } = native().info();
  const choices = new Map<ProductStep, KernelChoice>();
  for (const [step, known] of stats)
    choices.set(step, chooseKernels(step.n, step.k, known, isa, columnsOf(plan, step, batch), mode));
  return choices;
}
