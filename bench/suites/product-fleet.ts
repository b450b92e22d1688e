import { fileURLToPath } from 'node:url';
import { findBenchPeers } from '../../scripts/setup/bench-peers.ts';
import { modelCase } from '../cases/model-case.ts';
import type { ProductCase } from '../cases/product-case.ts';
import { LineProcess } from '../runner/line-process.ts';
import { EngineProcess } from '../runner/process.ts';
import type { Seat } from '../runner/seat.ts';
import { threadEnvironment } from '../runner/threads.ts';
import type { ProductEngine } from './product-engines.ts';

const pythonHost = fileURLToPath(new URL('../engines/python/host.py', import.meta.url));

/** A place at the table for an engine that cannot come. */
export function emptySeat(name: string, unavailable: string): Seat {
  return {
    name,
    prepare: async () => ({ unavailable }),
    sample: () => Number.NaN,
    facts: async () => ({}),
    dispose: async () => {},
  };
}

/** The name of an engine's seat: both levels of one engine may sit at one table. */
export const seatName = ({ name, level }: ProductEngine) => (level === 'call' ? name : `${name} (${level})`);

/** The processes of all engines for one number of threads and one instruction set. A process starts when it is first needed. */
export class ProductFleet {
  readonly #threads: number;
  readonly #isa: string | undefined;
  readonly #nativeBench: string;
  readonly #nodes = new Map<string, EngineProcess>();
  readonly #lines = new Map<string, LineProcess>();

  /** @param isa - forced upon our kernels; undefined: the best */
  constructor(options: { threads: number; isa?: string; nativeBench: string }) {
    this.#threads = options.threads;
    this.#isa = options.isa;
    this.#nativeBench = options.nativeBench;
  }

  /** @param kernelWords - what the native bench is told of the kernel to run */
  seat(engine: ProductEngine, work: ProductCase, kernelWords: readonly string[]): Seat {
    const name = seatName(engine);
    if (engine.level === 'kernel') return this.native().seat('kernel', work, name, kernelWords);
    if (engine.python === undefined) {
      const takesModels = engine.name.endsWith('predict');
      return this.#node(engine.process).seat(engine.name, takesModels ? modelCase(work) : work);
    }
    const peers = findBenchPeers();
    if (peers === undefined) return emptySeat(name, 'not installed: npm run setup:peers');
    const { group, module } = engine.python;
    const missing = peers.missing[group];
    if (missing !== undefined) return emptySeat(name, `not installed: ${missing}`);
    return this.#line(engine.process, [peers.python, pythonHost]).seat(module, work, name);
  }

  /** The process of the native bench, which also knows the machine's limits. */
  native(): LineProcess {
    return this.#line('native', [this.#nativeBench]);
  }

  #node(name: string): EngineProcess {
    const forced: Record<string, string> =
      this.#isa !== undefined && name === 'tfjs-sparse' ? { TFJS_SPARSE_ISA: this.#isa } : {};
    const found = this.#nodes.get(name) ?? new EngineProcess(this.#threads, forced);
    this.#nodes.set(name, found);
    return found;
  }

  #line(name: string, command: readonly string[]): LineProcess {
    const environment = { ...threadEnvironment(this.#threads), NM_DISABLE_ANALYTICS: '1' };
    const found = this.#lines.get(name) ?? new LineProcess(command, environment, this.#threads);
    this.#lines.set(name, found);
    return found;
  }

  close(): void {
    for (const process of this.#nodes.values()) process.close();
    for (const process of this.#lines.values()) process.close();
  }
}
