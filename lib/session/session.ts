import { SparseError } from '../errors.ts';
import { loadPlan, savePlan } from '../io/plan-file.ts';
import { abortedError, readSignal, untilAborted } from '../native/abort.ts';
import type { SessionHandle } from '../native/bindings.ts';
import { checkInteger, checkOptions, checkPath, newFloat32Array } from '../native/check.ts';
import { native } from '../native/load.ts';
import { formatPlan } from '../plan/format-plan.ts';
import { nativePlan } from '../plan/native-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { checkStorage, chooseForPlan, productStats } from './choose.ts';
import { type Choices, checkDescription, describeSteps, type SessionDescription } from './describe.ts';
import { type ReadSessionOptions, readSessionOptions, type SessionOptions } from './options.ts';
import {
  orderByName,
  orderInputs,
  type Port,
  type PortArray,
  portLength,
  portsOf,
  readInput,
  readOutput,
  type TensorInfo,
  trimOutputs,
  type Values,
} from './ports.ts';
import { tunePlan } from './tune.ts';

/** Options of a run with one input and one output. */
export interface RunOptions {
  /** [batch, …]; checked against the input when given. */
  shape?: readonly number[];
  /** batch · output size values that do not overlap x: filled and returned. Saves a fresh array, which costs more than a small run. */
  out?: Float32Array | Int32Array;
}

/** Options of a run by name. */
export interface RunManyOptions {
  /** [batch, …] of inputs, by name; checked where given. */
  shapes?: Readonly<Record<string, readonly number[]>>;
  /** Arrays to fill and return, by name of the output; the others are made. None may overlap an input or another. */
  out?: Record<string, Float32Array | Int32Array>;
}

/** Outputs of a run by name: [batch, …], row-major. */
export type RunResults = Record<string, Float32Array | Int32Array>;

interface Call {
  batch: number;
  inputs: PortArray[];
}

/**
 * A compiled model. Runs on native memory, with no TF.js engine on the way. Weights are shared and read-only: several runs
 * may be under way at once.
 *
 * A weight that is exactly zero contributes nothing: a NaN or an infinity that meets only such weights does not reach the
 * output (dense arithmetic would give 0 × NaN = NaN).
 */
export class SparseSession {
  /** Inputs in the order of the model. */
  readonly inputs: readonly TensorInfo[];
  /** Outputs in the order of the model. */
  readonly outputs: readonly TensorInfo[];
  readonly #plan: Plan;
  readonly #choices: Choices;
  readonly #options: ReadSessionOptions;
  readonly #in: readonly Port[];
  readonly #out: readonly Port[];
  /** Native outputs behind those: how many rows some of them have. */
  readonly #counts: number;
  readonly #run: (handle: SessionHandle, x: Float32Array, out: Float32Array) => number;
  /** Values of one batch element where there is one input and one output, else 0. */
  readonly #inFeatures: number;
  #handle: SessionHandle | undefined;

  /** @internal Sessions come from `compile` and {@link SparseSession.load}. */
  constructor(plan: Plan, options: ReadSessionOptions) {
    if (plan === undefined || options === undefined) {
      throw new SparseError(
        'ERR_SPARSE_ARGUMENT',
        'SparseSession: the constructor is private. Use compile or SparseSession.load.',
      );
    }
    this.#plan = plan;
    // A plan for one batch runs with no other, whatever was asked for.
    this.#options = plan.batch === undefined ? options : { ...options, batch: [plan.batch] };
    const { batch, threads, storage } = this.#options;
    checkStorage(plan, storage);
    const stats = productStats(plan);
    const byStep = options.tune
      ? tunePlan(plan, stats, batch, threads, storage)
      : chooseForPlan(plan, stats, batch, options.sparse, storage);
    this.#choices = { stats, byStep, isa: native().info().isa, storage };
    const choices = new Map([...byStep].map(([step, choice]) => [step, choice.native]));
    this.#handle = native().createSession(nativePlan(plan, choices), threads);
    this.#run = native().run;
    this.#in = portsOf(plan, plan.inputs);
    this.#out = portsOf(plan, plan.outputs);
    this.#counts = plan.outputs.length - this.#out.length;
    const single = this.#in.length === 1 && this.#out.length === 1;
    this.#inFeatures = single ? this.#in[0]!.features : 0;
    const info = ({ name, shape, dtype }: Port): TensorInfo => ({ name, shape, dtype });
    this.inputs = this.#in.map(info);
    this.outputs = this.#out.map(info);
  }

  /**
   * A session from a file that {@link SparseSession.save} wrote; kernels are chosen for this CPU. A file has float32
   * weights: `storage` says how the session keeps them.
   *
   * @throws {@link SparseError} `ERR_SPARSE_FILE`, `ERR_SPARSE_PLAN`, `ERR_SPARSE_OPTION`
   */
  static async load(
    file: string,
    options?: Pick<SessionOptions, 'threads' | 'batch' | 'storage' | 'tune'>,
  ): Promise<SparseSession> {
    const read = readSessionOptions('SparseSession.load', options, ['threads', 'batch', 'storage', 'tune']);
    return new SparseSession(await loadPlan(checkPath('SparseSession.load', file)), read);
  }

  /**
   * One input, one output: [batch, …] in, [batch, …] out, row-major; batch = x.length / size of one. Blocks the thread.
   *
   * @throws {@link SparseError} `ERR_SPARSE_SHAPE`, `ERR_SPARSE_DTYPE`, `ERR_SPARSE_BUFFER`, `ERR_SPARSE_DISPOSED`
   */
  run(x: Values, options?: RunOptions): Float32Array | Int32Array;
  /** Several inputs or outputs, by name. */
  run(x: Readonly<Record<string, Values>>, options?: RunManyOptions): RunResults;
  run(
    x: Values | Readonly<Record<string, Values>>,
    options?: RunOptions & RunManyOptions,
  ): Float32Array | Int32Array | RunResults {
    // The hot path: one native call checks everything; only a refusal is looked into. A detached array has no values.
    if (
      ArrayBuffer.isView(x) && // not a proxy of one
      x instanceof Float32Array &&
      x.length > 0 &&
      this.#handle !== undefined &&
      (options === undefined || hasOnlyOut(options))
    ) {
      const out = options?.out === undefined ? this.#newOutput(x.length) : options.out;
      if (
        out instanceof Float32Array &&
        !isResizable(x) &&
        !isResizable(out) &&
        this.#run(this.#handle, x, out) === 0
      )
        return out;
    }
    return this.#runChecked(x, options);
  }

  #runChecked(
    x: Values | Readonly<Record<string, Values>>,
    options: (RunOptions & RunManyOptions) | undefined,
  ): Float32Array | Int32Array | RunResults {
    const single = isTypedArray(x);
    checkOptions('run', options, single ? ['shape', 'out'] : ['shapes', 'out']);
    const call = this.#readCall('run', x, options?.shapes ?? options?.shape);
    const outputs = this.#readOutputs('run', call, single, options?.out);
    const counts = Array.from({ length: this.#counts }, () => new Int32Array(1));
    native().runMany(this.#live('run'), call.batch, call.inputs, [...outputs, ...counts]);
    return this.#results(single, [...outputs, ...counts]);
  }

  /**
   * The same off the event loop. x is copied before the call returns; several calls may be under way.
   *
   * @param options.signal - aborting rejects with `ERR_SPARSE_ABORTED`; the run's memory is freed when it ends
   * @throws {@link SparseError} as {@link SparseSession.run}, as a rejection
   */
  runAsync(
    x: Values,
    options?: { shape?: readonly number[]; signal?: AbortSignal },
  ): Promise<Float32Array | Int32Array>;
  runAsync(
    x: Readonly<Record<string, Values>>,
    options?: { shapes?: Readonly<Record<string, readonly number[]>>; signal?: AbortSignal },
  ): Promise<RunResults>;
  async runAsync(
    x: Values | Readonly<Record<string, Values>>,
    options?: {
      shape?: readonly number[];
      shapes?: Readonly<Record<string, readonly number[]>>;
      signal?: AbortSignal;
    },
  ): Promise<Float32Array | Int32Array | RunResults> {
    const single = isTypedArray(x);
    checkOptions('runAsync', options, single ? ['shape', 'signal'] : ['shapes', 'signal']);
    const signal = readSignal('runAsync', options?.signal);
    if (signal?.aborted) throw abortedError('runAsync', signal);
    const call = this.#readCall('runAsync', x, options?.shapes ?? options?.shape);
    const running = native().runAsync(this.#live('runAsync'), call.batch, call.inputs);
    const outputs = await (signal === undefined ? running : untilAborted('runAsync', running, signal));
    return this.#results(single, outputs);
  }

  /**
   * What runs: for every step the kernel, its size and why it was chosen.
   *
   * @param batch - default: the first batch size that the session was planned for
   * @throws {@link SparseError} `ERR_SPARSE_OPTION`, `ERR_SPARSE_DISPOSED`
   */
  describe(batch: number = this.#options.batch[0]!): SessionDescription {
    const report = native().sessionReport(
      this.#live('describe'),
      checkInteger('describe', 'batch', batch, 1),
    );
    return {
      steps: describeSteps(this.#plan, this.#choices, report, batch),
      arenaBytes: report.arenaBytes,
      weightBytes: report.weightBytes,
      isa: this.#choices.isa,
      threads: this.#options.threads,
    };
  }

  /**
   * {@link SparseSession.describe} with `measuredUs` of every step: what it takes inside whole runs on zeros, the least
   * of `repeats` of them. Blocks the thread meanwhile; a session that is never profiled pays nothing for it.
   *
   * @param batch - default: the first batch size that the session was planned for
   * @param repeats - default 10
   * @throws {@link SparseError} `ERR_SPARSE_OPTION`, `ERR_SPARSE_DISPOSED`
   */
  profile(batch: number = this.#options.batch[0]!, repeats = 10): SessionDescription {
    const handle = this.#live('profile');
    const rows = checkInteger('profile', 'batch', batch, 1);
    const times = native().timeSteps(handle, rows, checkInteger('profile', 'repeats', repeats, 1));
    const description = this.describe(rows);
    const run = this.#plan.steps.flatMap((step, index) => (step.op === 'alias' ? [] : [times[index]!]));
    const steps = description.steps.map((step, index) => ({ ...step, measuredUs: run[index]! }));
    return { ...description, steps };
  }

  /**
   * The session as text for people: a line for each step with its layer, sizes, zeros and kernel, the columns aligned.
   *
   * @param description - default: {@link SparseSession.describe}; a {@link SparseSession.profile} adds what each step takes, which
   *   operations the time goes into, and the slowest steps
   * @throws {@link SparseError} `ERR_SPARSE_ARGUMENT` for the description of another session, `ERR_SPARSE_DISPOSED`
   * @example
   * console.log(session.format(session.profile()));
   */
  format(description: SessionDescription = this.describe()): string {
    checkDescription(description, this.#plan);
    return formatPlan(this.#plan, description);
  }

  /**
   * One .safetensors file: the tensors as float32, whatever the session's storage, and the plan in the metadata. Written beside, flushed, renamed.
   *
   * @throws {@link SparseError} `ERR_SPARSE_FILE` when it cannot be written
   */
  async save(file: string): Promise<void> {
    this.#live('save');
    await savePlan(this.#plan, checkPath('save', file));
  }

  /** Gives the native memory back; runs that are under way finish first. A second call does nothing. */
  dispose(): void {
    if (this.#handle === undefined) return;
    native().disposeSession(this.#handle);
    this.#handle = undefined;
  }

  /** Whether {@link SparseSession.dispose} was called. */
  get disposed(): boolean {
    return this.#handle === undefined;
  }

  /** {@link SparseSession.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #live(what: string): SessionHandle {
    if (this.#handle !== undefined) return this.#handle;
    throw new SparseError(
      'ERR_SPARSE_DISPOSED',
      `${what}: the session was disposed. Compile the model again.`,
      {
        tensor: 'session',
        expected: 'a live session',
        received: 'a disposed one',
      },
    );
  }

  /** The inputs of a call, checked, and the batch that they share. */
  #readCall(what: string, x: unknown, shapes: unknown): Call {
    this.#live(what);
    if (isTypedArray(x)) return this.#readSingle(what, x, shapes);
    const inputs = orderInputs(what, this.#in, x) as PortArray[];
    const shapeList = shapes === undefined ? [] : orderByName(what, 'shapes', this.#in, shapes);
    const batches = inputs.map((input, i) => readInput(what, this.#in[i]!, input, shapeList[i]));
    const batch = batches[0] ?? 0;
    const other = batches.findIndex((size) => size !== batch);
    if (other >= 0) {
      throw new SparseError(
        'ERR_SPARSE_SHAPE',
        `${what}: ${this.#in[other]!.name} has a batch of ${batches[other]}, expected ${batch} as in ${this.#in[0]!.name}.`,
        { tensor: this.#in[other]!.name, expected: batch, received: batches[other] },
      );
    }
    return { batch, inputs };
  }

  #readSingle(what: string, x: Values, shape: unknown): Call {
    if (this.#inFeatures === 0) {
      const names = (ports: readonly Port[]) => ports.map((port) => port.name).join(', ');
      throw new SparseError(
        'ERR_SPARSE_ARGUMENT',
        `${what}: the model has inputs ${names(this.#in)} and outputs ${names(this.#out)}, expected an object of arrays by input name.`,
        { tensor: 'x', expected: this.#in.map((port) => port.name), received: 'one array' },
      );
    }
    return { batch: readInput(what, this.#in[0]!, x, shape), inputs: [x as PortArray] };
  }

  #readOutputs(what: string, { batch, inputs }: Call, single: boolean, out: unknown): PortArray[] {
    if (single) return [readOutput(what, this.#out[0]!, batch, out, inputs)];
    const given = out === undefined ? [] : orderByName(what, 'out', this.#out, out);
    const outputs: PortArray[] = [];
    for (const [i, port] of this.#out.entries())
      outputs.push(readOutput(what, port, batch, given[i], [...inputs, ...outputs]));
    return outputs;
  }

  /** Nothing when x does not fit; the checked path then says why. */
  #newOutput(length: number): Float32Array | undefined {
    const batch = length / this.#inFeatures;
    return Number.isInteger(batch) && this.#out[0]!.dtype === 'float32'
      ? newFloat32Array('run', 'out', portLength(this.#out[0]!, batch))
      : undefined;
  }

  #results(single: boolean, outputs: readonly PortArray[]): PortArray | RunResults {
    const found = this.#counts === 0 ? outputs : trimOutputs(this.#out, outputs);
    if (single) return found[0]!;
    return Object.fromEntries(this.#out.map((port, i) => [port.name, found[i]!]));
  }
}

function isTypedArray(x: unknown): x is Values {
  return ArrayBuffer.isView(x) && !(x instanceof DataView);
}

/** Whether the options are `out` and nothing else: the fast path of `run` takes those, others are checked first. */
function hasOnlyOut(options: object | null): boolean {
  let hasOut = false;
  for (const key in options) {
    if (key !== 'out') return false;
    hasOut = true;
  }
  return hasOut;
}

function isResizable(array: Float32Array): boolean {
  return (array.buffer as { resizable?: boolean }).resizable === true;
}
