import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { SparseError } from '../errors.ts';
import { UnsupportedFeature } from '../layers/unsupported-feature.ts';
import type { StepInfo } from '../session/describe.ts';
import type { SparseMode } from '../sparse/kernel-choice.ts';
import { Contest, contestKey, contestRange, type Path } from './contest.ts';
import { tfc } from './peers.ts';
import { allFinite, valuesOf } from './tensor-values.ts';
import { WeightWatch } from './weight-watch.ts';

/** What runs natively in place of TF.js: a session, or one product. */
export interface NativeEngine {
  /** What it would run for this batch. */
  steps(batch: number): StepInfo[];
  dispose(): void;
}

/** A step of an accelerated model: what it is, and how many calls each side served. */
export interface AcceleratedStep extends StepInfo {
  /** Calls that ran natively. */
  sparseCalls: number;
  /** Calls that TF.js ran: gradients, values that are not finite, weights just changed, or where it is faster. */
  delegatedCalls: number;
}

/** One call, as {@link NativePath.serve} takes it. */
export interface PathCall<Engine, Result> {
  /** Float32 tensors that fit the engine; undefined when the call's arguments are not for it. */
  inputs: readonly TensorInfo[] | undefined;
  /** Size of the batch. */
  batch: number;
  native(engine: Engine, values: Float32Array[]): Result;
  tfjs(): Result;
}

/**
 * Below this share of non-zero work, native is taken to be faster without asking TF.js: even one thread is then several
 * times faster than the same thread on dense weights.
 */
const surelySparse = 0.2;

const verdicts = { native: 'native', tfjs: 'TF.js', open: 'not decided yet' } as const;

/**
 * A part of a model (all of it, a layer, a node, a weight) that can run natively or by TF.js. Knows when it must not run
 * natively, and finds out which way is faster.
 *
 * Weights that change are never served stale: the first call after a change goes to TF.js, the second packs the weights
 * again. So a loop that trains and predicts in turn does not pack at every round.
 */
export class NativePath<Engine extends NativeEngine> {
  readonly #build: () => Engine;
  readonly #watch: WeightWatch;
  readonly #mode: SparseMode;
  #contests = new Map<number, Contest>();
  #engine: Engine | undefined;
  #steps: StepInfo[] = [];
  #batch = 1;
  #winner: Path | undefined;
  #refused = false;
  #closed = false;
  #sparseCalls = 0;
  #delegatedCalls = 0;

  /**
   * @param variables - the weights that the engine is built from
   * @param build - makes the engine; an error of this package means that TF.js keeps this part
   */
  constructor(mode: SparseMode, variables: readonly Tensor[], build: () => Engine) {
    this.#mode = mode;
    this.#watch = new WeightWatch(variables);
    this.#build = build;
  }

  /** Builds the engine now. @throws what building it throws */
  open(): void {
    this.#engine = this.#build();
    this.#steps = this.#engine.steps(this.#batch);
    const isSure = this.#mode === 'auto' && densityOf(this.#steps) <= surelySparse;
    this.#winner = this.#mode === 'always' || isSure ? 'native' : undefined;
    this.#contests = new Map();
  }

  /** Serves a call by one of the two ways. */
  serve<Result>(call: PathCall<Engine, Result>): Result {
    const engine = call.inputs === undefined || isTaping() ? undefined : this.#current(call);
    if (engine === undefined) return this.#delegate(call);
    const contest = this.#contestOf(call.batch);
    if (contest.nextTurn() === 'tfjs') return this.#timed(contest, 'tfjs', () => this.#delegate(call));
    return this.#timed(contest, 'native', () => {
      const values = call.inputs!.map(valuesOf);
      if (!values.every(allFinite)) return this.#delegate(call);
      const result = call.native(engine, values);
      this.#sparseCalls++;
      this.#batch = call.batch;
      return result;
    });
  }

  /** What runs, or last ran. */
  describe(): AcceleratedStep[] {
    if (this.#engine !== undefined) this.#steps = this.#engine.steps(this.#batch);
    const counts = { sparseCalls: this.#sparseCalls, delegatedCalls: this.#delegatedCalls };
    const found = this.#findings();
    return this.#steps.map((step) => ({ ...step, reason: `${step.reason}${found}`, ...counts }));
  }

  /** Gives the native memory back; every later call goes to TF.js. */
  close(): void {
    this.#steps = this.#engine?.steps(this.#batch) ?? this.#steps;
    this.#engine?.dispose();
    this.#engine = undefined;
    this.#closed = true;
  }

  #delegate<Result>(call: PathCall<Engine, Result>): Result {
    this.#delegatedCalls++;
    return call.tfjs();
  }

  /** The engine for the weights as they are; undefined when this call is for TF.js. */
  #current<Result>(call: PathCall<Engine, Result>): Engine | undefined {
    if (this.#closed) return undefined;
    if (!this.#watch.unchanged) {
      this.#engine?.dispose();
      this.#engine = undefined;
      this.#refused = false;
      // TF.js's own call may change weights as well (a pruning wrapper masks them), so the look comes after it.
      const { tfjs } = call;
      call.tfjs = () => {
        const result = tfjs();
        this.#watch.look();
        return result;
      };
      return undefined;
    }
    if (this.#engine === undefined && !this.#refused) {
      try {
        this.open();
      } catch (error) {
        if (!isRefusal(error)) throw error;
        this.#refused = true;
      }
    }
    return this.#engine;
  }

  #contestOf(batch: number): Contest {
    const key = contestKey(batch);
    const contest = this.#contests.get(key) ?? new Contest(this.#winner);
    this.#contests.set(key, contest);
    return contest;
  }

  #timed<Result>(contest: Contest, path: Path, work: () => Result): Result {
    if (!contest.isTimed(path)) return work();
    const delegated = this.#delegatedCalls;
    const start = performance.now();
    const result = work();
    const us = (performance.now() - start) * 1000;
    // A native turn that TF.js had to serve says nothing.
    if ((path === 'tfjs') === this.#delegatedCalls > delegated) contest.record(path, us);
    return result;
  }

  #findings(): string {
    const lines = [...this.#contests].flatMap(([key, contest]) => {
      const [native, tfjs] = [contest.least('native'), contest.least('tfjs')];
      if (native === undefined || tfjs === undefined) return [];
      const winner = verdicts[contest.winner ?? 'open'];
      return `batch ${contestRange(key)}: native ${native.toFixed(0)} us, TF.js ${tfjs.toFixed(0)} us: ${winner}`;
    });
    return lines.length === 0 ? '' : `; as called, ${lines.join('; ')}`;
  }
}

/** Errors that mean "this cannot run natively", not "this is broken". */
export function isRefusal(error: unknown): boolean {
  return error instanceof SparseError || error instanceof UnsupportedFeature;
}

/** Whether TF.js is recording for a gradient, or computing one. */
function isTaping(): boolean {
  return tfc.engine().state.gradientDepth > 0;
}

/** Share of the steps' multiplications that are with a non-zero. */
function densityOf(steps: readonly StepInfo[]): number {
  let [all, kept] = [0, 0];
  for (const { m, n, k, density } of steps) {
    all += m * n * k;
    kept += m * n * k * density;
  }
  return all === 0 ? 1 : kept / all;
}
