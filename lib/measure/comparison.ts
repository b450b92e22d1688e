/**
 * A way to run a model that `compare` knows: a session, a session that ignores zeros (`sparse: 'never'`), TF.js's
 * `predict` on one of its backends, ONNX Runtime.
 */
export type CompareEngine = 'session' | 'session-dense' | 'tfjs-node' | 'tfjs-wasm' | 'onnxruntime';

/** Every {@link CompareEngine}. */
export const compareEngines = [
  'session',
  'session-dense',
  'tfjs-node',
  'tfjs-wasm',
  'onnxruntime',
] as const satisfies readonly CompareEngine[];

/** One engine at one batch size. Without samples it was not timed: the numbers are NaN and `note` says why. */
export interface ComparisonRow {
  /** Who ran. */
  engine: CompareEngine;
  /** Inputs per call. */
  batch: number;
  /** Time of one call, in microseconds: median of the samples. */
  medianUs: number;
  /** Median absolute deviation of the samples from their median. */
  madUs: number;
  /** Number of samples behind the median. */
  samples: number;
  /** Time of the baseline / time of this engine, median of the rounds: above 1 is faster. */
  ratio: number;
  /** 95 % interval of the ratio. */
  ratioInterval: [number, number];
  /** Largest difference from the baseline's outputs, relative to its largest output. */
  maxDifference: number;
  /** Why the engine was not timed, or what to know about its time. */
  note?: string;
}

/** What {@link compare} returns. */
export interface Comparison {
  /** cpu, isa, threads, versions, date, and `baseline`: the engine that ratios and differences refer to. */
  environment: Record<string, string | number>;
  /** One per engine and batch size: batch by batch, engines in the order asked for. */
  rows: ComparisonRow[];
}

/** Options of {@link compare}. */
export interface CompareOptions {
  /** Default: session, session-dense, tfjs-node, tfjs-wasm. */
  engines?: readonly CompareEngine[];
  /** Batch sizes; default [1, 16, 64, 256]. */
  batch?: readonly number[];
  /** Threads of a session, and of tfjs-node when it is loaded here; default 1. */
  threads?: number;
  /** Time for the samples of each engine at each batch size; default 1. */
  seconds?: number;
  /** Stops between two samples. */
  signal?: AbortSignal;
  /** Called with the number of batch sizes that are done, in fractions, and of all batch sizes. */
  onProgress?: (done: number, total: number) => void;
}
