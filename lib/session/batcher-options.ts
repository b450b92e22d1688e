import { SparseError, shown } from '../errors.ts';
import { checkInteger, checkOptions, describeType, maxLength } from '../native/check.ts';
import { isMergeable, type Port, type TensorInfo } from './ports.ts';
import type { SparseSession } from './session.ts';

/** Options of `batcher`. */
export interface BatcherOptions {
  /** Most batch elements of one run, at least 1. */
  maxBatch: number;
  /** Milliseconds that a request may wait for others, at least 0 (then it waits for those of the same turn of the event loop). */
  maxDelayMs: number;
  /** Most batch elements that may wait, those of the running batch not counted; at least maxBatch, default 16 · maxBatch. */
  maxQueue?: number;
}

/** Options with their defaults. */
export function readBatcherOptions(options: BatcherOptions): Required<BatcherOptions> {
  const { maxBatch, maxDelayMs, maxQueue } = checkOptions('batcher', options, [
    'maxBatch',
    'maxDelayMs',
    'maxQueue',
  ]);
  const batch = checkInteger('batcher', 'maxBatch', maxBatch, 1);
  const queue = checkInteger('batcher', 'maxQueue', maxQueue ?? Math.min(16 * batch, maxLength), batch);
  return { maxBatch: batch, maxDelayMs: readDelay(maxDelayMs), maxQueue: queue };
}

/** The input of a session that has one input and one output. */
export function onlyInput(session: SparseSession): Port {
  const { inputs, outputs } = (session ?? {}) as Partial<SparseSession>;
  if (!Array.isArray(inputs) || !Array.isArray(outputs)) {
    const received = describeType(session);
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `batcher: session is of the wrong type, expected a SparseSession, received ${received}.`,
      { tensor: 'session', expected: 'SparseSession', received },
    );
  }
  if (isMergeable({ inputs, outputs })) {
    const info: TensorInfo = inputs[0];
    return { ...info, features: info.shape.slice(1).reduce<number>((size, axis) => size * axis!, 1) };
  }
  const shapes = [inputs, outputs].map((ports) => ports.map(({ shape }) => shown(shape)).join(', '));
  throw new SparseError(
    'ERR_SPARSE_ARGUMENT',
    `batcher: the session takes ${shapes[0]} and gives ${shapes[1]}, expected one input and one output that both leave the batch open. Call runAsync itself.`,
    { tensor: 'session', expected: [1, 1], received: [inputs.length, outputs.length] },
  );
}

/** Above this, Node's timers fire at once. */
const longestDelayMs = 2 ** 31 - 1;

function readDelay(value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= longestDelayMs) return value;
  const expected = `milliseconds in [0, ${longestDelayMs}]`;
  throw new SparseError(
    typeof value === 'number' ? 'ERR_SPARSE_OPTION' : 'ERR_SPARSE_ARGUMENT',
    `batcher: maxDelayMs is ${shown(value)}, expected ${expected}.`,
    { tensor: 'maxDelayMs', expected, received: value },
  );
}

export function closedError(): SparseError {
  return new SparseError('ERR_SPARSE_DISPOSED', 'batcher.run: the batcher was closed. Make another one.', {
    tensor: 'batcher',
    expected: 'an open batcher',
    received: 'a closed one',
  });
}

export function overloadedError(waiting: number, batch: number, maxQueue: number): SparseError {
  return new SparseError(
    'ERR_SPARSE_OVERLOADED',
    `batcher.run: ${waiting} batch elements wait and ${batch} more came, expected at most ${maxQueue} (maxQueue). Try again later.`,
    { tensor: 'queue', expected: maxQueue, received: waiting + batch },
  );
}
