/** Every error code with what it means. Codes never change meaning; messages may. */
export const errorCodes = {
  ERR_SPARSE_ARGUMENT: 'an argument has the wrong type',
  ERR_SPARSE_OPTION: 'an option is unknown or out of range',
  ERR_SPARSE_SHAPE: 'a shape or a length does not fit',
  ERR_SPARSE_DTYPE: 'a typed array or a tensor has the wrong element type',
  ERR_SPARSE_BUFFER: 'a buffer is detached, shared or resizable where it must not be',
  ERR_SPARSE_NAN: 'a number is NaN where an order is needed',
  ERR_SPARSE_CSR: 'compressed sparse rows are not well formed',
  ERR_SPARSE_MODEL: 'a model is not built, not readable or not of a supported kind',
  ERR_SPARSE_UNSUPPORTED_LAYER: 'a model has layers that cannot be compiled',
  ERR_SPARSE_PLAN: 'a plan is not well formed',
  ERR_SPARSE_FILE: 'a file is truncated, hostile or of another format',
  ERR_SPARSE_DISPOSED: 'a disposed session or model, or a closed batcher is used',
  ERR_SPARSE_SCHEDULE: 'a pruning schedule would not do what it says',
  ERR_SPARSE_SPARSITY: 'a sparsity differs from what was asked',
  ERR_SPARSE_PEER: 'an optional peer package is missing',
  ERR_SPARSE_NATIVE: 'the native addon cannot be loaded or failed',
  ERR_SPARSE_ISA: 'an instruction set is unknown or not supported here',
  ERR_SPARSE_ACCELERATED: 'a model is accelerated already',
  ERR_SPARSE_ABORTED: 'the caller aborted the operation',
  ERR_SPARSE_OVERLOADED: 'a queue is full',
  ERR_SPARSE_UNKNOWN_MODEL: 'no model of this name is served',
  ERR_SPARSE_RESULT: 'a result has values that the format asked for cannot hold',
} as const;

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
  readonly code: SparseErrorCode;
  readonly layer?: string;
  readonly tensor?: string;
  readonly expected?: unknown;
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
  name: string;
  className: string;
  advice: string;
}

/** Lists every unsupported layer of a model at once. */
export class UnsupportedLayerError extends SparseError {
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
