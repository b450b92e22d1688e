import type { Plan } from '../plan/plan.ts';
import type { StepInfo } from '../session/describe.ts';
import type { ReadSessionOptions } from '../session/options.ts';
import { SparseSession } from '../session/session.ts';
import type { NativeEngine } from './native-path.ts';

/** A session as the native side of an accelerated part. */
export class SessionEngine implements NativeEngine {
  readonly #session: SparseSession;

  constructor(plan: Plan, options: ReadSessionOptions) {
    this.#session = new SparseSession(plan, options);
  }

  /** Values of the inputs in the order of the plan; fresh values of the outputs in the same way. */
  run(values: readonly Float32Array[]): Float32Array[] {
    const { inputs, outputs } = this.#session;
    if (inputs.length === 1 && outputs.length === 1) return [this.#session.run(values[0]!) as Float32Array];
    const results = this.#session.run(Object.fromEntries(inputs.map(({ name }, i) => [name, values[i]!])));
    return outputs.map(({ name }) => results[name] as Float32Array);
  }

  /** Shape of each output for a batch. */
  outputShapes(batch: number): number[][] {
    return this.#session.outputs.map(({ shape }) => shape.map((size) => size ?? batch));
  }

  steps(batch: number): StepInfo[] {
    return this.#session.describe(batch).steps;
  }

  dispose(): void {
    this.#session.dispose();
  }
}
