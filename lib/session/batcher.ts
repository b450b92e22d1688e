import { SparseError } from '../errors.ts';
import { abortedError, readSignal } from '../native/abort.ts';
import { checkOptions } from '../native/check.ts';
import {
  type BatcherOptions,
  closedError,
  onlyInput,
  overloadedError,
  readBatcherOptions,
} from './batcher-options.ts';
import { type Port, readInput, type Values } from './ports.ts';
import type { SparseSession } from './session.ts';

/** What {@link batcher} gives. */
export interface Batcher {
  /**
   * One request: the values of one batch element, or of several, which stay together. x is copied before the call
   * returns.
   *
   * @param options.signal - aborting rejects with `ERR_SPARSE_ABORTED`; a request that still waits leaves the queue
   * @returns its own part of the output
   * @throws {@link SparseError} as a rejection: `ERR_SPARSE_OVERLOADED` when the queue is full, `ERR_SPARSE_DISPOSED`
   *   after {@link Batcher.close}, and what `runAsync` throws
   */
  run(x: Values, options?: { signal?: AbortSignal }): Promise<Float32Array | Int32Array>;
  /** Runs what waits, then resolves; later requests are refused. The session stays open. */
  close(): Promise<void>;
}

interface Request {
  values: Float32Array | Int32Array;
  batch: number;
  /** When it must have started, by `performance.now()`. */
  deadline: number;
  resolve(result: Float32Array | Int32Array): void;
  reject(reason: unknown): void;
}

/**
 * Merges concurrent requests into batches of `runAsync`. One batch runs at a time, on as many threads as the session
 * has; what arrives meanwhile makes up the next one. A batch starts when it is full or its first request has waited
 * `maxDelayMs`.
 *
 * @param session - with one input and one output that both leave the batch open
 * @throws {@link SparseError} `ERR_SPARSE_OPTION`, `ERR_SPARSE_ARGUMENT`
 * @example
 * const requests = batcher(session, { maxBatch: 32, maxDelayMs: 2 });
 * const y = await requests.run(x); // x and y of one batch element
 */
export function batcher(session: SparseSession, options: BatcherOptions): Batcher {
  return new RequestQueue(session, options);
}

class RequestQueue implements Batcher {
  readonly #session: SparseSession;
  readonly #port: Port;
  readonly #maxBatch: number;
  readonly #maxDelayMs: number;
  readonly #maxQueue: number;
  #waiting: Request[] = [];
  /** Batch elements of the requests that wait. */
  #queued = 0;
  #isRunning = false;
  #timer: NodeJS.Timeout | undefined;
  #closed: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(session: SparseSession, options: BatcherOptions) {
    this.#session = session;
    this.#port = onlyInput(session);
    const { maxBatch, maxDelayMs, maxQueue } = readBatcherOptions(options);
    this.#maxBatch = maxBatch;
    this.#maxDelayMs = maxDelayMs;
    this.#maxQueue = maxQueue;
  }

  async run(x: Values, options?: { signal?: AbortSignal }): Promise<Float32Array | Int32Array> {
    checkOptions('batcher.run', options, ['signal']);
    const signal = readSignal('batcher.run', options?.signal);
    if (this.#closed !== undefined) throw closedError();
    if (signal?.aborted) throw abortedError('batcher.run', signal);
    const batch = readInput('batcher.run', this.#port, x);
    if (batch < 1 || batch > this.#maxBatch) {
      throw new SparseError(
        'ERR_SPARSE_SHAPE',
        `batcher.run: x has a batch of ${batch}, expected 1 to ${this.#maxBatch} (maxBatch). Split it into several requests.`,
        { tensor: this.#port.name, expected: `1 to ${this.#maxBatch}`, received: batch },
      );
    }
    if (this.#queued + batch > this.#maxQueue) throw overloadedError(this.#queued, batch, this.#maxQueue);
    const values = (x as Float32Array).slice();
    return new Promise((resolve, reject) => {
      const deadline = performance.now() + this.#maxDelayMs;
      const request: Request = { values, batch, deadline, resolve, reject };
      if (signal !== undefined) this.#rejectWhenAborted(request, signal);
      this.#waiting.push(request);
      this.#queued += batch;
      if (this.#queued >= this.#maxBatch) this.#start();
      else if (this.#maxDelayMs === 0) setImmediate(() => this.#start());
      else this.#timer ??= setTimeout(() => this.#onTimer(), this.#maxDelayMs);
    });
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#onEmpty = resolve;
    });
    this.#start();
    return this.#closed;
  }

  #onTimer(): void {
    this.#timer = undefined;
    this.#start();
  }

  /** Starts the next batch if none is running and one is due; else sees to it that this is asked again. */
  #start(): void {
    if (this.#isRunning) return;
    const first = this.#waiting[0];
    if (first === undefined || this.#closed !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    if (first === undefined) {
      this.#onEmpty?.();
      return;
    }
    const waitMs = first.deadline - performance.now();
    if (this.#closed !== undefined || waitMs <= 0 || this.#queued >= this.#maxBatch) {
      void this.#runBatch(this.#takeBatch());
      return;
    }
    this.#timer ??= setTimeout(() => this.#onTimer(), waitMs);
  }

  /** The first requests that fit into one batch. */
  #takeBatch(): Request[] {
    let size = 0;
    const end = this.#waiting.findIndex((request) => {
      size += request.batch;
      return size > this.#maxBatch;
    });
    const taken = this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
    this.#queued -= total(taken);
    return taken;
  }

  async #runBatch(requests: readonly Request[]): Promise<void> {
    this.#isRunning = true;
    try {
      const length = total(requests) * this.#port.features;
      const x = this.#port.dtype === 'int32' ? new Int32Array(length) : new Float32Array(length);
      let at = 0;
      for (const { values } of requests) {
        x.set(values, at);
        at += values.length;
      }
      const y = await this.#session.runAsync(x);
      const size = y.length / total(requests);
      let begin = 0;
      // Each gets memory of its own: what one caller does with it does not reach the others.
      for (const { batch, resolve } of requests) {
        resolve(y.slice(begin, begin + batch * size));
        begin += batch * size;
      }
    } catch (error) {
      for (const request of requests) request.reject(error);
    } finally {
      this.#isRunning = false;
      this.#start();
    }
  }

  #rejectWhenAborted(request: Request, signal: AbortSignal): void {
    const onAbort = () => {
      const place = this.#waiting.indexOf(request);
      if (place >= 0) {
        this.#waiting.splice(place, 1);
        this.#queued -= request.batch;
      }
      reject(abortedError('batcher.run', signal));
      this.#start();
    };
    const { resolve, reject } = request;
    signal.addEventListener('abort', onAbort, { once: true });
    request.resolve = (result) => {
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    request.reject = (reason) => {
      signal.removeEventListener('abort', onAbort);
      reject(reason);
    };
  }
}

function total(requests: readonly Request[]): number {
  return requests.reduce((sum, request) => sum + request.batch, 0);
}
