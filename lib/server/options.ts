import { SparseError, shown } from '../errors.ts';
import { checkInteger, checkOptions, describeType, maxLength } from '../native/check.ts';
import type { BatcherOptions } from '../session/batcher-options.ts';
import { isMergeable } from '../session/ports.ts';
import type { SparseSession } from '../session/session.ts';

/** A session and how its requests are batched. */
export interface ServedSession {
  /** Stays the caller's: the plugin does not dispose it. */
  session: SparseSession;
  /** Most requests of one run, at least 1, default 32. For models with one input and one output and an open batch. */
  maxBatch?: number;
  /** Milliseconds that a request may wait for others, at least 0, default 0: only while another batch runs. For models with one input and one output and an open batch. */
  maxDelayMs?: number;
  /**
   * Most batch elements that may wait for a batch; as many again may be under way in requests that are not batched.
   * More are refused with status 503. At least maxBatch, default 16 · maxBatch.
   */
  maxQueue?: number;
}

/** Options of {@link sparseServer}. Fastify's own options of `register` (`prefix`, `logLevel`, ...) go beside them. */
export interface SparseServerOptions {
  /** Sessions by the names that they have in URLs. */
  models: Readonly<Record<string, SparseSession | ServedSession>>;
  /** Largest body of an inference request in bytes, at least 1, default 16 MiB. Larger ones are refused with status 413. */
  bodyLimit?: number;
  /** What all paths begin with, default nothing: `/ml` gives `/ml/v2/models/:name`. */
  prefix?: string;
}

/** One model of the options, checked, with defaults. */
export interface ModelOptions {
  session: SparseSession;
  /** How to batch; nothing where requests cannot be merged: the model has several inputs or outputs, or a fixed batch. */
  batching: Required<BatcherOptions> | undefined;
  maxQueue: number;
}

export interface ReadServerOptions {
  models: Map<string, ModelOptions>;
  bodyLimit: number;
}

const what = 'sparseServer';

/**
 * @throws {@link SparseError} `ERR_SPARSE_ARGUMENT`, `ERR_SPARSE_OPTION`
 */
export function readServerOptions(options: SparseServerOptions): ReadServerOptions {
  // Fastify hands the options of `register` to the plugin as well.
  const known = ['models', 'bodyLimit', 'prefix', 'logLevel', 'logSerializers'];
  const { models, bodyLimit } = checkOptions(what, options, known);
  if (typeof models !== 'object' || models === null || Array.isArray(models)) {
    const received = describeType(models);
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${what}: models is ${received}, expected an object of sessions by name.`,
      { tensor: 'models', expected: 'object', received },
    );
  }
  return {
    models: new Map(Object.entries(models).map(([name, model]) => [checkName(name), readModel(name, model)])),
    bodyLimit: checkInteger(what, 'bodyLimit', bodyLimit ?? 16 * 2 ** 20, 1),
  };
}

/** A name becomes one segment of a path. */
function checkName(name: string): string {
  if (name !== '' && !name.includes('/')) return name;
  throw new SparseError(
    'ERR_SPARSE_OPTION',
    `${what}: a model has the name ${shown(name)}, expected one without slashes that is not empty.`,
    { tensor: 'models', expected: 'a segment of a path', received: name },
  );
}

function isSession(value: unknown): value is SparseSession {
  // By its parts: an instance of the other module system's class is as good.
  const { inputs, outputs, runAsync } = (value ?? {}) as Partial<SparseSession>;
  return Array.isArray(inputs) && Array.isArray(outputs) && typeof runAsync === 'function';
}

function readModel(name: string, model: unknown): ModelOptions {
  const subject = `${what}: model "${name}"`;
  const given = isSession(model)
    ? { session: model }
    : checkOptions(subject, model ?? {}, ['session', 'maxBatch', 'maxDelayMs', 'maxQueue']);
  const { session, maxBatch, maxDelayMs, maxQueue }: Record<string, unknown> = given;
  if (!isSession(session)) {
    const received = describeType(session);
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${subject} has a session of the wrong type, expected a SparseSession, received ${received}. Call compile or SparseSession.load first.`,
      { tensor: name, expected: 'SparseSession', received },
    );
  }
  if (isMergeable(session)) {
    const batch = checkInteger(subject, 'maxBatch', maxBatch ?? 32, 1);
    const queue = checkInteger(subject, 'maxQueue', maxQueue ?? Math.min(16 * batch, maxLength), batch);
    const batching = { maxBatch: batch, maxDelayMs: (maxDelayMs ?? 0) as number, maxQueue: queue };
    return { session, batching, maxQueue: queue };
  }
  const unfit = Object.entries({ maxBatch, maxDelayMs }).find(([, value]) => value !== undefined);
  if (unfit !== undefined) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${subject} has ${session.inputs.length} inputs and ${session.outputs.length} outputs, expected one of each with an open batch for ${unfit[0]}: its requests are not batched. Leave ${unfit[0]} out.`,
      { tensor: unfit[0], expected: [1, 1], received: [session.inputs.length, session.outputs.length] },
    );
  }
  return { session, batching: undefined, maxQueue: checkInteger(subject, 'maxQueue', maxQueue ?? 512, 1) };
}
