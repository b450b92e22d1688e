import type { NativeChoice, WeightStats } from '../native/bindings.ts';
import { native } from '../native/load.ts';
import { nativePlan } from '../plan/native-plan.ts';
import type { Plan } from '../plan/plan.ts';
import {
  type Candidate,
  type KernelChoice,
  mostVectorColumns,
  suitsSlices,
} from '../sparse/kernel-choice.ts';
import { kernelRates } from '../sparse/kernel-rates.ts';
import { type Storage, storageNumber } from '../sparse/storage.ts';
import { columnsOf, isProduct, type ProductStep } from './choose.ts';

const repeats = 15;

interface Way {
  name: string;
  isVector: boolean;
  native: Omit<NativeChoice, 'storage'>;
}

const matrix = (name: string, nr: NativeChoice['nr'], dense: boolean): Way => ({
  name,
  isVector: false,
  native: { vector: 0, vectorColumns: 1, sliceColumns: 0, nr, dense },
});
const vector = (name: string, kind: NativeChoice['vector']): Way => ({
  name,
  isVector: true,
  native: { vector: kind, vectorColumns: mostVectorColumns, sliceColumns: 0, nr: 0, dense: false },
});
const slices: Way = {
  name: 'slices',
  isVector: false,
  native: { vector: 0, vectorColumns: 1, sliceColumns: 1, nr: 0, dense: false },
};

const narrowWindow = 'narrow window';

/** Ways to try. */
const allWays: readonly Way[] = [
  vector('window', 1),
  vector(narrowWindow, 3),
  vector('dense', 2),
  matrix('dense', 4, true),
  matrix('spmm nr 1', 1, false),
  matrix('spmm nr 2', 2, false),
  matrix('spmm nr 4', 4, false),
  matrix('spmm nr 8', 8, false),
  slices,
];

/** A convolution has no vector kernel: it takes a matrix kernel instead, whose time nobody looks at. */
function nativeChoice(way: Way, step: ProductStep, storage: number): NativeChoice {
  const packed = way.isVector && step.op === 'conv2d' ? matrix(way.name, 1, false).native : way.native;
  return { ...packed, storage };
}

/** Measured microseconds of one way, for each step of the plan. */
function timeWay(plan: Plan, way: Way, batch: number, threads: number, storage: number): number[] {
  const steps = plan.steps.filter(isProduct);
  const choices = new Map(steps.map((step) => [step, nativeChoice(way, step, storage)]));
  const handle = native().createSession(nativePlan(plan, choices), threads);
  try {
    return native().timeSteps(handle, batch, repeats);
  } finally {
    native().disposeSession(handle);
  }
}

interface Timed extends Candidate {
  way: Way;
}

const fastest = <T extends Candidate>(candidates: readonly T[]) =>
  candidates.reduce((a, b) => (b.us < a.us ? b : a));

/** The way of least time over several numbers of columns. */
function fastestOver(lists: readonly (readonly Timed[])[]): Timed {
  const sums = new Map<Way, number>();
  for (const { way, us } of lists.flat()) sums.set(way, (sums.get(way) ?? 0) + us);
  return fastest([...sums].map(([way, us]) => ({ name: way.name, us, way })));
}

/** What the times say, by number of columns in rising order. */
function choose(times: ReadonlyMap<number, readonly Timed[]>, storage: number, lanes: number): KernelChoice {
  const choice: KernelChoice = {
    native: { vector: 0, vectorColumns: 1, sliceColumns: 0, nr: 0, dense: false, storage },
  };
  const columns = [...times.keys()].sort((a, b) => a - b);
  // As vectors as far as that is the fastest; then in slices as far; then as a matrix.
  const first = (from: number, is: (way: Way) => boolean) => {
    const end = columns.findIndex((m, i) => i >= from && !is(fastest(times.get(m)!).way));
    return columns.slice(from, end < 0 ? undefined : end);
  };
  const asVectors = first(0, ({ isVector }) => isVector);
  const asSlices = first(asVectors.length, (way) => way === slices);
  const of = (list: readonly number[], isVector: boolean) =>
    fastestOver(
      list.map((m) => times.get(m)!.filter(({ way }) => way.isVector === isVector && way !== slices)),
    );
  const asMatrix = columns.slice(asVectors.length + asSlices.length);
  if (asSlices.length > 0) {
    choice.slices = 'slices';
    choice.native.sliceColumns = asMatrix[0]! <= lanes ? asSlices.at(-1)! : lanes;
  }
  if (asVectors.length > 0) {
    const best = of(asVectors, true).way;
    choice.vector = best.name;
    choice.native.vector = best.native.vector;
    choice.native.vectorColumns = asVectors.at(-1)!;
  }
  if (asMatrix.length > 0) {
    const best = of(asMatrix, false).way;
    choice.matrix = best.name;
    choice.native.nr = best.native.nr;
    choice.native.dense = best.native.dense;
  }
  choice.measured = new Map(
    columns.map((m) => [m, times.get(m)!.filter(({ way }) => way.isVector === asVectors.includes(m))]),
  );
  return choice;
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
  const rates = kernelRates(native().info().isa);
  const ways = allWays.filter(({ name }) => name !== narrowWindow || rates.narrowWindows !== undefined);
  const measured = batch.map((size) =>
    ways.map((way) =>
      way.isVector && size > mostVectorColumns ? [] : timeWay(plan, way, size, threads, stored),
    ),
  );
  const choices = new Map<ProductStep, KernelChoice>();
  for (const step of stats.keys()) {
    const index = plan.steps.indexOf(step);
    const times = new Map<number, Timed[]>();
    columnsOf(plan, step, batch).forEach((m, b) => {
      const fits = (way: Way) => {
        if (way === slices) return suitsSlices(m, rates);
        if (way.isVector) return m <= mostVectorColumns && step.op !== 'conv2d';
        return m > 1 || step.op === 'conv2d';
      };
      const timed = ways.map((way, w) => ({ name: way.name, us: measured[b]![w]![index]!, way }));
      times.set(
        m,
        timed.filter(({ way }) => fits(way)),
      );
    });
    choices.set(step, choose(times, stored, rates.lanes));
  }
  return choices;
}
