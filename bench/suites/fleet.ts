import { fileURLToPath } from 'node:url';
import { findBenchPeers } from '../../scripts/setup/bench-peers.ts';
import { numpyPath } from '../../scripts/setup/python-numpy.ts';
import { LineProcess, type LineWork } from '../runner/line-process.ts';
import { EngineProcess } from '../runner/process.ts';
import type { Seat } from '../runner/seat.ts';
import { threadEnvironment } from '../runner/threads.ts';

const pythonHost = fileURLToPath(new URL('../engines/python/host.py', import.meta.url));

/** A place at the table for an engine that cannot come. */
function emptySeat(name: string, unavailable: string): Seat {
  return {
    name,
    prepare: async () => ({ unavailable }),
    sample: () => Number.NaN,
    facts: async () => ({}),
    dispose: async () => {},
  };
}

/** How to start the Python that has a group of packages, or why there is none. */
function pythonOf(group: string): { command: string[]; environment: Record<string, string> } | string {
  // Of all rivals NumPy alone is small enough to be installed when it is first needed.
  if (group === 'numpy') {
    const found = numpyPath();
    if ('unavailable' in found) return found.unavailable;
    return {
      command: [process.env.PYTHON ?? 'python3', pythonHost],
      environment: { PYTHONPATH: found.path },
    };
  }
  const peers = findBenchPeers();
  if (peers === undefined) return 'not installed: npm run setup:peers';
  const missing = peers.missing[group];
  if (missing !== undefined) return `not installed: ${missing}`;
  return { command: [peers.python, pythonHost], environment: {} };
}

/** The processes of all engines for one number of threads and one instruction set. A process starts when it is first needed. */
export class Fleet {
  readonly #threads: number;
  readonly #isa: string | undefined;
  readonly #nativeBench: string;
  readonly #nodes = new Map<string, EngineProcess>();
  readonly #lines = new Map<string, LineProcess>();

  /**
   * @param options.isa - forced upon our kernels; undefined: the best
   * @param options.nativeBench - path of the native bench's program
   */
  constructor(options: { threads: number; isa?: string; nativeBench: string }) {
    this.#threads = options.threads;
    this.#isa = options.isa;
    this.#nativeBench = options.nativeBench;
  }

  /** An engine of bench/engines/index.ts in the Node process of that name. */
  nodeSeat(process: string, engine: string, work: unknown, name = engine): Seat {
    const forced: Record<string, string> =
      this.#isa !== undefined && process === 'tfjs-sparse' ? { TFJS_SPARSE_ISA: this.#isa } : {};
    const found = this.#nodes.get(process) ?? new EngineProcess(this.#threads, forced);
    this.#nodes.set(process, found);
    return found.seat(engine, work, name);
  }

  /** A module of bench/engines/python in the Python process of its group of packages. */
  pythonSeat(group: string, module: string, work: LineWork, name: string): Seat {
    const python = pythonOf(group);
    if (typeof python === 'string') return emptySeat(name, python);
    return this.#line(`python ${group}`, python.command, python.environment).seat(module, work, name);
  }

  /** The process of the native bench, which also knows the machine's limits. */
  native(): LineProcess {
    return this.#line('native', [this.#nativeBench]);
  }

  #line(name: string, command: readonly string[], more: Record<string, string> = {}): LineProcess {
    const environment = { ...threadEnvironment(this.#threads), NM_DISABLE_ANALYTICS: '1', ...more };
    const found = this.#lines.get(name) ?? new LineProcess(command, environment, this.#threads);
    this.#lines.set(name, found);
    return found;
  }

  close(): void {
    for (const process of this.#nodes.values()) process.close();
    for (const process of this.#lines.values()) process.close();
  }
}
