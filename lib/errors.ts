/** Every error code with what it means. Codes never change meaning; messages may. */
export const errorCodes = {
  /** The message names the argument, the type it should have and the one it has. */
  ERR_SPARSE_ARGUMENT: 'an argument has the wrong type',
  /** The message names the option, its range and, for a misspelt name, the nearest known one. */
  ERR_SPARSE_OPTION: 'an option is unknown or out of range',
  /** `expected` and `received` are the two shapes or lengths. */
  ERR_SPARSE_SHAPE: 'a shape or a length does not fit',
  /** `tensor` names the array; `expected` and `received` are the two types. */
  ERR_SPARSE_DTYPE: 'a typed array or a tensor has the wrong element type',
  /** Also memory that an output shares with an input. */
  ERR_SPARSE_BUFFER: 'a buffer is detached, shared or resizable where it must not be',
  /** `tensor` names the array; the message gives the position of the first one. */
  ERR_SPARSE_NAN: 'a number is NaN where an order is needed',
  /** The message gives the pivot; more damping or more data helps. */
  ERR_SPARSE_SINGULAR: 'a matrix cannot be inverted',
  /** The message gives the position of the first fault. */
  ERR_SPARSE_CSR: 'compressed sparse rows are not well formed',
  /** Also a model of another copy of TensorFlow.js. */
  ERR_SPARSE_MODEL: 'a model is not built, not readable or not of a supported kind',
  /** Of `compile` it is an {@link UnsupportedLayerError}, which lists them all. */
  ERR_SPARSE_UNSUPPORTED_LAYER: 'a model has layers that cannot be compiled',
  /** Of `SparseSession.load`: the plan in the file was changed. Compile the model again. */
  ERR_SPARSE_PLAN: 'a plan is not well formed',
  /** Infinity or NaN as int8; `tensor` names the weight, the message gives the position of the first one. */
  ERR_SPARSE_STORAGE: 'a weight cannot be stored as asked',
  /** Also a file that cannot be read or written; `cause` is then the error of the system. */
  ERR_SPARSE_FILE: 'a file is truncated, hostile or of another format',
  /** What was given back does not return: make a new one. */
  ERR_SPARSE_DISPOSED: 'a disposed session or model, or a closed batcher is used',
  /** Mostly before the first training step; the message says what to change. */
  ERR_SPARSE_SCHEDULE: 'a pruning schedule would not do what it says',
  /** Of `assertSparsity`; `received` lists every weight that misses. */
  ERR_SPARSE_SPARSITY: 'a sparsity differs from what was asked',
  /** The message gives the command that installs it. */
  ERR_SPARSE_PEER: 'an optional peer package is missing',
  /** Also memory that cannot be had; `cause`, where there is one, is the error behind it. */
  ERR_SPARSE_NATIVE: 'the native addon cannot be loaded or failed',
  /** `TFJS_SPARSE_ISA` asks for it; without it the best one is taken. */
  ERR_SPARSE_ISA: 'an instruction set is unknown or not supported here',
  /** Call `restore()` of the first acceleration, then accelerate again. */
  ERR_SPARSE_ACCELERATED: 'a model is accelerated already',
  /** By an `AbortSignal`; its reason is the `cause`. */
  ERR_SPARSE_ABORTED: 'the caller aborted the operation',
  /** The request was not accepted and may be sent again later. */
  ERR_SPARSE_OVERLOADED: 'a queue is full',
  /** Of `tfjs-sparse/server`, which answers 404. */
  ERR_SPARSE_UNKNOWN_MODEL: 'no model of this name is served',
  /** Of `tfjs-sparse/server`: JSON has no NaN and no infinity. */
  ERR_SPARSE_RESULT: 'a result has values that the format asked for cannot hold',
} as const;

/** A key of {@link errorCodes}: what a program should test, rather than the message. */
export type SparseErrorCode = keyof typeof errorCodes;

/** Facts that an error carries beside its message. */
export interface SparseErrorFacts {
  /** Name of the layer that the error is about. */
  layer?: string;
  /** Name of the tensor or argument that the error is about. */
  tensor?: string;
  /** What was expected there. */
  expected?: unknown;
  /** What came instead. */
  received?: unknown;
  /** The error behind this one. */
  cause?: unknown;
}

/**
 * The one error class of this package. The message says what failed, for which tensor, what was expected and
 * received, and what to do; the same facts are fields.
 */
export class SparseError extends Error {
  /** What went wrong; see {@link errorCodes}. */
  readonly code: SparseErrorCode;
  /** Name of the layer that the error is about. */
  readonly layer?: string;
  /** Name of the tensor, argument or option that the error is about. */
  readonly tensor?: string;
  /** What was expected there: a value, a list or a description. */
  readonly expected?: unknown;
  /** What came instead: the value itself or a description. */
  readonly received?: unknown;

  constructor(code: SparseErrorCode, message: string, facts: SparseErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'SparseError';
    this.code = code;
    if (facts.layer !== undefined) this.layer = facts.layer;
    if (facts.tensor !== undefined) this.tensor = facts.tensor;
    if (facts.expected !== undefined) this.expected = facts.expected;
    if (facts.received !== undefined) this.received = facts.received;
  }
}

/** One layer that cannot be compiled, and what to do about it. */
export interface UnsupportedLayer {
  /** Name of the layer in its model. */
  name: string;
  /** TF.js's class name, e.g. `LSTM`. */
  className: string;
  /** What is not supported of it, or what to do. */
  advice: string;
}

/** Lists every unsupported layer of a model at once. */
export class UnsupportedLayerError extends SparseError {
  /** At least one, in the order in which they were met. */
  readonly layers: readonly UnsupportedLayer[];

  constructor(layers: readonly UnsupportedLayer[]) {
    const lines = layers.map((l) => `  ${l.className} "${l.name}": ${l.advice}`);
    const what =
      layers.length === 1 ? '1 layer cannot be compiled' : `${layers.length} layers cannot be compiled`;
    super('ERR_SPARSE_UNSUPPORTED_LAYER', `compile: ${what}:\n${lines.join('\n')}`, {
      received: layers.map((l) => l.className),
    });
    this.name = 'UnsupportedLayerError';
    this.layers = layers;
  }
}

/** A received value as a message shows it: JSON, cut at 80 characters; never fails, whatever the value is. */
export function shown(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // Circular, or nested deeper than the stack.
    text = undefined;
  }
  text ??= value === undefined ? 'nothing' : typeof value;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
