import type { NativeChoice, WeightStats } from '../native/bindings.ts';
import { native } from '../native/load.ts';
import type { Plan } from '../plan/plan.ts';
import type { Candidate, KernelChoice } from '../sparse/kernel-choice.ts';
import { isProduct, type ProductStep } from './choose.ts';
import { nativePlan } from './native-plan.ts';

const repeats = 15;

/** Ways to try: every matrix kernel, each with one of the vector kernels. */
const variants: readonly { matrix: string; vector: string; native: NativeChoice }[] = [
  { matrix: 'dense', vector: 'dense', native: { vector: 2, nr: 4, dense: true } },
  { matrix: 'spmm nr 1', vector: 'window', native: { vector: 1, nr: 1, dense: false } },
  { matrix: 'spmm nr 2', vector: 'window', native: { vector: 1, nr: 2, dense: false } },
  { matrix: 'spmm nr 4', vector: 'window', native: { vector: 1, nr: 4, dense: false } },
  { matrix: 'spmm nr 8', vector: 'window', native: { vector: 1, nr: 8, dense: false } },
];

/** Measured microseconds of each variant, for each step of the plan. */
function timeVariants(plan: Plan, batch: number, threads: number): number[][] {
  const steps = plan.steps.filter(isProduct);
  return variants.map((variant) => {
    const choices = new Map(steps.map((step) => [step, variant.native]));
    const handle = native().createSession(nativePlan(plan, choices), threads);
    try {
      return native().timeSteps(handle, batch, repeats);
    } finally {
      native().disposeSession(handle);
    }
  });
}

function pick(times: ReadonlyMap<string, number>): Candidate & { others: Candidate[] } {
  const candidates = [...times].map(([name, estimateUs]) => ({ name, estimateUs }));
  const best = candidates.reduce((a, b) => (b.estimateUs < a.estimateUs ? b : a));
  return { ...best, others: candidates.filter((c) => c !== best) };
}

/**
 * How every product runs fastest, measured on this CPU: each way once for every batch size, layer by layer, on zeros.
 * Weights with few zeros are packed several times meanwhile.
 */
export function tunePlan(
  plan: Plan,
  stats: ReadonlyMap<ProductStep, WeightStats>,
  batch: readonly number[],
  threads: number,
): Map<ProductStep, KernelChoice> {
  const measured = new Map(batch.map((size) => [size, timeVariants(plan, size, threads)]));
  const choices = new Map<ProductStep, KernelChoice>();
  for (const step of stats.keys()) {
    const index = plan.steps.indexOf(step);
    const positions = plan.values[step.output]!.height * plan.values[step.output]!.width;
    const vector = new Map<string, number>();
    const matrix = new Map<string, number>();
    for (const [size, times] of measured) {
      const isVector = step.op === 'matmul' && size * positions === 1;
      variants.forEach((variant, v) => {
        const us = times[v]![index]!;
        if (isVector) {
          vector.set(variant.vector, Math.min(us, vector.get(variant.vector) ?? Number.POSITIVE_INFINITY));
        } else {
          matrix.set(variant.matrix, (matrix.get(variant.matrix) ?? 0) + us);
        }
      });
    }
    const choice: KernelChoice = { native: { vector: 0, nr: 0, dense: false } };
    if (vector.size > 0) {
      choice.vector = pick(vector);
      choice.native.vector = choice.vector.name === 'dense' ? 2 : 1;
    }
    if (matrix.size > 0) {
      choice.matrix = pick(matrix);
      const { nr, dense } = variants.find((variant) => variant.matrix === choice.matrix!.name)!.native;
      choice.native.nr = nr;
      choice.native.dense = dense;
    }
    choices.set(step, choice);
  }
  return choices;
}
