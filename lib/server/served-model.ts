import { SparseError } from '../errors.ts';
import { type Batcher, batcher } from '../session/batcher.ts';
import type { SparseSession } from '../session/session.ts';
import type { ModelOptions } from './options.ts';
import { type InferResponse, type ModelMetadata, modelMetadata } from './protocol.ts';
import { type InferCall, readInferRequest } from './read-request.ts';
import { writeOutput } from './write-response.ts';

type Results = Readonly<Record<string, Float32Array | Int32Array>>;

/** One model behind the protocol. */
export class ServedModel {
  readonly #name: string;
  readonly #session: SparseSession;
  readonly #batcher: Batcher | undefined;
  readonly #maxQueue: number;
  /** Batch elements of the runs under way that are not batched. */
  #direct = 0;

  constructor(name: string, { session, batching, maxQueue }: ModelOptions) {
    this.#name = name;
    this.#session = session;
    this.#batcher = batching === undefined ? undefined : batcher(session, batching);
    this.#maxQueue = maxQueue;
  }

  get isReady(): boolean {
    return !this.#session.disposed;
  }

  metadata(): ModelMetadata {
    return modelMetadata(this.#name, this.#session);
  }

  /**
   * One request: read, run off the event loop, written.
   *
   * @param body - parsed JSON of a client
   * @param signal - aborting rejects; a request that still waits leaves the queue
   * @throws {@link SparseError} as a rejection
   */
  async infer(body: unknown, signal: AbortSignal): Promise<InferResponse> {
    const call = readInferRequest(body, this.#session);
    const results = await this.#run(call, signal);
    const response: InferResponse = {
      model_name: this.#name,
      outputs: call.outputs.map((port) => writeOutput(port, results[port.name]!)),
    };
    if (call.id !== undefined) response.id = call.id;
    return response;
  }

  /** Runs what waits. */
  async close(): Promise<void> {
    await this.#batcher?.close();
  }

  async #run({ batch, inputs }: InferCall, signal: AbortSignal): Promise<Results> {
    if (batch === 1 && this.#batcher !== undefined) {
      const y = await this.#batcher.run(inputs[0]!, { signal });
      return { [this.#session.outputs[0]!.name]: y };
    }
    // One request alone is always let in: only the body's size limits it.
    if (this.#direct > 0 && this.#direct + batch > this.#maxQueue) throw this.#overloaded(batch);
    this.#direct += batch;
    try {
      const byName = Object.fromEntries(this.#session.inputs.map(({ name }, i) => [name, inputs[i]!]));
      return await this.#session.runAsync(byName, { signal });
    } finally {
      this.#direct -= batch;
    }
  }

  #overloaded(batch: number): SparseError {
    return new SparseError(
      'ERR_SPARSE_OVERLOADED',
      `infer: ${this.#direct} batch elements of model "${this.#name}" are under way and ${batch} more came, expected at most ${this.#maxQueue} (maxQueue). Try again later.`,
      { tensor: 'queue', expected: this.#maxQueue, received: this.#direct + batch },
    );
  }
}
