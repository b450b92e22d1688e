import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import { PlanBuilder } from '../../../lib/plan/builder.ts';
import { emitDense } from '../../../lib/plan/emit/dense.ts';
import { type SparseServerOptions, sparseServer } from '../../../lib/server.ts';
import type { SparseSession } from '../../../lib/session/session.ts';
import { Random } from '../../helpers/random.ts';
import { sessionOf } from '../../helpers/sessions.ts';

/** x [batch, 2, 3] to y [batch, 2, 4]. */
export function oneInput(): SparseSession {
  const plan = new PlanBuilder();
  const x = plan.input('x', [2, 3]);
  plan.output('y', emitDense(plan, 'dense', x, { kernel: new Random(1).floats(12), outputs: 4 }));
  return sessionOf(plan.finish());
}

/** a [batch, 2] to p [batch, 3], b [batch, 4] to q [batch, 2]. */
export function twoInputs(): SparseSession {
  const plan = new PlanBuilder();
  const a = plan.input('a', [2]);
  const b = plan.input('b', [4]);
  plan.output('p', emitDense(plan, 'p', a, { kernel: new Random(2).floats(6), outputs: 3 }));
  plan.output('q', emitDense(plan, 'q', b, { kernel: new Random(3).floats(8), outputs: 2 }));
  return sessionOf(plan.finish());
}

/** An instance that serves. */
export async function serving(options: SparseServerOptions): Promise<FastifyInstance> {
  const app = Fastify();
  await app.register(sparseServer, options);
  await app.ready();
  return app;
}

/** An inference request to the model "m". It starts at once: `inject` alone would wait to be awaited. */
export async function infer(app: FastifyInstance, payload: object): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url: '/v2/models/m/infer', payload });
}

/** The body of a request with the input x of {@link oneInput}. */
export function bodyOf(x: Float32Array, batch: number): { inputs: Record<string, unknown>[] } {
  return { inputs: [{ name: 'x', shape: [batch, 2, 3], datatype: 'FP32', data: Array.from(x) }] };
}

/**
 * Holds back every `runAsync` of a session until it is opened.
 *
 * @returns `runs` and `signals` have what each run so far was given; `started` resolves when there is one
 */
export function gate(session: SparseSession): {
  runs: unknown[];
  signals: (AbortSignal | undefined)[];
  started: Promise<void>;
  open(): void;
} {
  const run = session.runAsync.bind(session) as (...call: unknown[]) => Promise<unknown>;
  const runs: unknown[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  const { promise: opened, resolve: open } = resolvers();
  const { promise: started, resolve: start } = resolvers();
  const gated = async (x: unknown, options?: { signal?: AbortSignal }) => {
    runs.push(x);
    signals.push(options?.signal);
    start();
    await opened;
    return run(x, options);
  };
  Object.assign(session, { runAsync: gated });
  return { runs, signals, started, open };
}

function resolvers(): { promise: Promise<void>; resolve(): void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
