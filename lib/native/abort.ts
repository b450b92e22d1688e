import { SparseError } from '../errors.ts';
import { describeType } from './check.ts';

/** An AbortSignal, or anything that works like one; undefined when there is none. */
export function readSignal(what: string, signal: unknown): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  const { aborted, addEventListener } = (signal ?? {}) as Partial<AbortSignal>;
  if (typeof aborted === 'boolean' && typeof addEventListener === 'function') return signal as AbortSignal;
  throw new SparseError(
    'ERR_SPARSE_ARGUMENT',
    `${what}: signal is ${describeType(signal)}, expected an AbortSignal. Give the signal of an AbortController.`,
    { tensor: 'signal', expected: 'AbortSignal', received: describeType(signal) },
  );
}

/** The error of a call that its caller aborted; the signal's reason is the cause. */
export function abortedError(what: string, signal: AbortSignal): SparseError {
  return new SparseError('ERR_SPARSE_ABORTED', `${what}: aborted by the caller.`, { cause: signal.reason });
}

/** Settles as `running` does, or rejects as soon as the signal is aborted; leaves no listener behind. */
export function untilAborted<T>(what: string, running: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortedError(what, signal));
    signal.addEventListener('abort', onAbort, { once: true });
    running.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/**
 * Between two pieces of work: stops when the caller has aborted.
 *
 * @throws {@link SparseError} `ERR_SPARSE_ABORTED`
 */
export function throwIfAborted(what: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedError(what, signal);
}

/**
 * Between two long pieces of work: lets timers and other callers have their turn, so that an abort can arrive at all.
 *
 * @throws {@link SparseError} `ERR_SPARSE_ABORTED`
 */
export async function pause(what: string, signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  throwIfAborted(what, signal);
}
