import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { nativeInfo } from '../../lib/native/info.ts';
import { native } from '../../lib/native/load.ts';
import { chooseKernels } from '../../lib/sparse/kernel-choice.ts';
import { modelCase } from '../cases/model-case.ts';
import type { ProductCase, WeightSpec } from '../cases/product-case.ts';
import { readCsr, writeInput, writeWeight } from '../cases/product-files.ts';
import { nativeBench } from '../native-bench.ts';
import { runCase } from '../runner/run-case.ts';
import type { Seat } from '../runner/seat.ts';
import { Fleet } from './fleet.ts';
import { kernelCells } from './kernel-cells.ts';
import { cellName, kernelRow } from './kernel-rows.ts';
import { type Limits, measureLimits } from './limits.ts';
import { type ProductEngine, productEngines } from './product-engines.ts';
import { scale } from './scale.ts';
import { SpreadLimits } from './spread-limits.ts';
import type { Suite, SuiteOptions } from './suite.ts';

/** What the native bench is told of the kernel: the cost model's choice, as a session would have it. */
function choiceOf(folder: string, weight: WeightSpec, isa: string): (m: number) => string[] {
  const { n, k, storage } = weight;
  const { offsets, columns, values } = readCsr(folder);
  const stats = native().csrStats(n, k, offsets, columns, values);
  return (m) => {
    const { native: choice } = chooseKernels({ n, k, stats, storage }, isa, [m], 'auto');
    const { vector, vectorColumns, sliceColumns, nr, dense } = choice; // the case says the storage
    return [
      `isa=${isa}`,
      `vector=${vector}`,
      `vectorColumns=${vectorColumns}`,
      `sliceColumns=${sliceColumns}`,
      `nr=${nr}`,
      `dense=${Number(dense)}`,
    ];
  };
}

/** Fewest samples of each engine: calls of a tenth of a second and more vary little, and there are many engines. */
const roundsFor = (products: number) => (products > 2e9 ? 5 : 11);

/** The name of an engine's seat: both levels of one engine may sit at one table. */
const seatName = ({ name, level }: ProductEngine) => (level === 'call' ? name : `${name} (${level})`);

function seatOf(
  fleet: Fleet,
  engine: ProductEngine,
  work: ProductCase,
  kernelWords: readonly string[],
): Seat {
  const name = seatName(engine);
  if (engine.native) return fleet.native().seat(engine.native, { ...work }, name, kernelWords);
  if (engine.python) return fleet.pythonSeat(engine.python.group, engine.python.module, { ...work }, name);
  const takesModels = engine.name.endsWith('predict');
  return fleet.nodeSeat(engine.process, engine.name, takesModels ? modelCase(work) : work);
}

/** One product y = x · Wᵀ: our kernels and our calls against every rival, dense and sparse. */
export const kernels: Suite = async function* (options) {
  const isa = options.isa ?? nativeInfo().isa;
  if (options.preset === 'scale' && options.engines === undefined) {
    yield* scale(options, isa);
    return;
  }
  const engines = productEngines.filter((engine) => options.engines?.includes(engine.name) ?? true);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-product-'));
  try {
    for (const threads of options.threads) yield* withThreads(options, { threads, isa, engines, folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

interface Setting {
  threads: number;
  isa: string;
  engines: typeof productEngines;
  folder: string;
}

async function* withThreads(options: SuiteOptions, setting: Setting): ReturnType<Suite> {
  const { threads, isa, engines, folder } = setting;
  const fleet = new Fleet({ threads, isa: options.isa, nativeBench: nativeBench() });
  const limits = new SpreadLimits(() => measureLimits(fleet.native(), isa));
  const hasShares = engines.some((engine) => engine.level === 'kernel');
  try {
    for (const { weight, m: all } of kernelCells(options)) {
      const cell = { ...weight, threads, isa, nonZero: 0 };
      const due = all.filter((m) => !options.done.has(cellName({ ...cell, m })));
      if (due.length === 0) continue;
      if (hasShares) await limits.again();
      const nonZero = writeWeight(folder, weight);
      const choice = choiceOf(folder, weight, isa);
      for (const m of due) {
        writeInput(folder, m, weight.k);
        const work: ProductCase = { folder, n: weight.n, k: weight.k, m, threads, storage: weight.storage };
        const seats = engines.map((engine) => seatOf(fleet, engine, work, choice(m)));
        const minRounds = roundsFor(weight.n * weight.k * m);
        const found = await runCase(seats, { slowFactor: 4, minRounds, ...options.run, goOn: true });
        const here = { ...cell, m, nonZero };
        const { seed: _, ...facts } = here;
        const rowsOf = (best?: Limits) =>
          engines.map((engine) =>
            kernelRow(here, engine, found.find((row) => row.engine === seatName(engine))!, best),
          );
        const measured = hasShares ? await limits.rows(rowsOf) : rowsOf();
        yield {
          suite: 'kernels',
          name: cellName(here),
          facts: { ...facts, realisedSparsity: 1 - nonZero / (weight.n * weight.k) },
          flops: { stored: 2 * m * nonZero, dense: 2 * m * weight.n * weight.k },
          rows: found,
          limits: limits.best,
          measured,
        };
      }
      rmSync(folder, { recursive: true, force: true });
    }
  } finally {
    fleet.close();
  }
}
