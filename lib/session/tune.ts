import type { NativeChoice, WeightStats } from '../native/bindings.ts';
import { native } from '../native/load.ts';
import type { Plan } from '../plan/plan.ts';
import type { Candidate, KernelChoice } from '../sparse/kernel-choice.ts';
import { type Storage, storageNumber } from '../sparse/storage.ts';
import { columnsOf, isProduct, type ProductStep } from './choose.ts';
import { nativePlan } from './native-plan.ts';

const repeats = 15;

/** Ways to try: every matrix kernel, each with one of the vector kernels. */
const variants: readonly { matrix: string; vector: string; native: Omit<NativeChoice, 'storage'> }[] = [
  { matrix: 'dense', vector: 'dense', native: { vector: 2, nr: 4, dense: true } },
  { matrix: 'spmm nr 1', vector: 'window', native: { vector: 1, nr: 1, dense: false } },
  { matrix: 'spmm nr 2', vector: 'window', native: { vector: 1, nr: 2, dense: false } },
  { matrix: 'spmm nr 4', vector: 'window', native: { vector: 1, nr: 4, dense: false } },
  { matrix: 'spmm nr 8', vector: 'window', native: { vector: 1, nr: 8, dense: false } },
];

/** Measured microseconds of each variant, for each step of the plan. */
function timeVariants(plan: Plan, batch: number, threads: number, storage: number): number[][] {
  const steps = plan.steps.filter(isProduct);
  return variants.map((variant) => {
    const choices = new Map(steps.map((step) => [step, { ...variant.native, storage }]));
    const handle = native().createSession(nativePlan(plan, choices), threads);
    try {
      return native().timeSteps(handle, batch, repeats);
    } finally {
      native().disposeSession(handle);
    }
  });
}

const fastest = (candidates: readonly Candidate[]) => candidates.reduce((a, b) => (b.us < a.us ? b : a));

/** Candidates with the same name as one, their times added. */
function addUp(lists: readonly (readonly Candidate[])[]): Candidate[] {
  const sums = new Map<string, number>();
  for (const { name, us } of lists.flat()) sums.set(name, (sums.get(name) ?? 0) + us);
  return [...sums].map(([name, us]) => ({ name, us }));
}

/** The candidates for one step at one number of columns; ways that share a kernel there count once. */
function candidatesOf(times: readonly number[][], index: number, asMatrix: boolean): Candidate[] {
  const best = new Map<string, number>();
  variants.forEach((variant, v) => {
    const name = asMatrix ? variant.matrix : variant.vector;
    best.set(name, Math.min(times[v]![index]!, best.get(name) ?? Number.POSITIVE_INFINITY));
  });
  return [...best].map(([name, us]) => ({ name, us }));
}

/**
 * How every product runs fastest, measured on this CPU: each way once for every batch size, layer by layer, on zeros.
 * Every weight is packed once per way meanwhile.
 */
export function tunePlan(
  plan: Plan,
  stats: ReadonlyMap<ProductStep, WeightStats>,
  batch: readonly number[],
  threads: number,
  storage: Storage,
): Map<ProductStep, KernelChoice> {
  const stored = storageNumber(storage);
  const times = batch.map((size) => timeVariants(plan, size, threads, stored));
  const choices = new Map<ProductStep, KernelChoice>();
  for (const step of stats.keys()) {
    const index = plan.steps.indexOf(step);
    const measured = new Map<number, Candidate[]>();
    columnsOf(plan, step, batch).forEach((m, b) => {
      measured.set(m, candidatesOf(times[b]!, index, m > 1));
    });
    const choice: KernelChoice = { native: { vector: 0, nr: 0, dense: false, storage: stored }, measured };
    const vector = measured.get(1);
    if (vector !== undefined) {
      choice.vector = fastest(vector).name;
      choice.native.vector = choice.vector === 'dense' ? 2 : 1;
    }
    const matrix = [...measured].filter(([m]) => m > 1).map(([, candidates]) => candidates);
    if (matrix.length > 0) {
      choice.matrix = fastest(addUp(matrix)).name;
      const { nr, dense } = variants.find((variant) => variant.matrix === choice.matrix)!.native;
      choice.native.nr = nr;
      choice.native.dense = dense;
    }
    choices.set(step, choice);
  }
  return choices;
}
