import { EngineProcess } from '../runner/process.ts';

/** Ours; tfjs-node; tfjs-node with TensorFlow's other set of kernels. */
export type EngineName = 'session' | 'tfjs' | 'other';

/**
 * The engine processes of a run, started when they are first asked for and kept from model to model. TensorFlow has two
 * sets of kernels, Eigen's and oneDNN's, and takes one by itself: `tfjs` has the environment's choice, or Eigen's.
 */
export class Engines {
  readonly #threads: number;
  readonly #running = new Map<EngineName, EngineProcess>();

  constructor(threads = 1) {
    this.#threads = threads;
  }

  get(name: EngineName): EngineProcess {
    const found = this.#running.get(name) ?? new EngineProcess(this.#threads, environmentOf(name));
    this.#running.set(name, found);
    return found;
  }

  /** Ends the processes: after the run, or after a failure, so that the next model gets new ones. */
  close(): void {
    for (const engine of this.#running.values()) engine.close();
    this.#running.clear();
  }
}

function environmentOf(name: EngineName): Record<string, string> {
  if (name === 'session') return {};
  const chosen = process.env.TF_ENABLE_ONEDNN_OPTS ?? '0';
  return { TF_ENABLE_ONEDNN_OPTS: name === 'tfjs' ? chosen : chosen === '0' ? '1' : '0' };
}
