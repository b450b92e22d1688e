import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { disconnectSignal } from '../../../lib/server/disconnect.ts';
import { sparseServer } from '../../../lib/server.ts';
import { Random } from '../../helpers/random.ts';
import { bodyOf, gate, infer, oneInput, serving, twoInputs } from './models.ts';

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

/** Starts a request on a connection of its own. */
function start(server: FastifyInstance, body: object): ClientRequest {
  const { port } = server.server.address() as AddressInfo;
  const headers = { 'content-type': 'application/json' };
  const sent = request({
    host: '127.0.0.1',
    port,
    path: '/v2/models/m/infer',
    method: 'POST',
    headers,
    agent: false,
  });
  sent.on('error', () => {});
  sent.end(JSON.stringify(body));
  return sent;
}

/** A server of one model; `handled` and `closed` resolve when the next request is about to be handled or was closed. */
async function listening(models: Parameters<typeof serving>[0]['models']): Promise<{
  server: FastifyInstance;
  next(): { handled: Promise<void>; closed: Promise<void> };
}> {
  const server = Fastify();
  const events = { handled: () => {}, closed: () => {} };
  server.addHook('preHandler', async (_request, reply) => {
    events.handled();
    const { closed } = events;
    reply.raw.once('close', () => closed());
  });
  await server.register(sparseServer, { models });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const next = () => ({
    handled: new Promise<void>((resolve) => {
      events.handled = resolve;
    }),
    closed: new Promise<void>((resolve) => {
      events.closed = resolve;
    }),
  });
  return { server, next };
}

describe('many requests at once', () => {
  it('share runs, and each gets its own result, over real connections', async () => {
    using m = oneInput();
    const runs = vi.spyOn(m, 'runAsync');
    app = await serving({ models: { m: { session: m, maxBatch: 16, maxDelayMs: 100 } } });
    const origin = await app.listen({ host: '127.0.0.1', port: 0 });
    const random = new Random();
    const inputs = Array.from({ length: 50 }, () => random.floats(6));
    const responses = await Promise.all(
      inputs.map((x, i) =>
        fetch(`${origin}/v2/models/m/infer`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ id: `${i}`, ...bodyOf(x, 1) }),
        }),
      ),
    );
    const sizes = runs.mock.calls.map(([x]) => (x as unknown as Float32Array).length / 6);
    expect(sizes.reduce((a, b) => a + b)).toBe(50);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(16);
    expect(sizes.length).toBeLessThanOrEqual(25);
    for (const [i, response] of responses.entries()) {
      expect(response.status).toBe(200);
      expect(await response.json(), `SEED=${random.seed}`).toEqual({
        model_name: 'm',
        id: `${i}`,
        outputs: [
          {
            name: 'y',
            shape: [1, 2, 4],
            datatype: 'FP32',
            // Sums of three terms: a run of another batch may add them up in another order.
            data: Array.from(m.run(inputs[i]!) as Float32Array, (y) => expect.closeTo(y, 5)),
          },
        ],
      });
    }
  });

  it('run on their own where they bring a batch', async () => {
    using m = oneInput();
    const runs = vi.spyOn(m, 'runAsync');
    app = await serving({ models: { m } });
    await Promise.all([2, 3].map((batch) => infer(app!, bodyOf(new Float32Array(6 * batch), batch))));
    expect(runs.mock.calls.map(([x]) => (x as unknown as { x: Float32Array }).x.length / 6)).toEqual([2, 3]);
  });
});

describe('overload', () => {
  it('refuses what the queue has no room for with 503, and goes on', async () => {
    using m = oneInput();
    app = await serving({ models: { m: { session: m, maxBatch: 1, maxQueue: 2 } } });
    const { started, open, runs } = gate(m);
    const body = bodyOf(new Float32Array(6), 1);
    const first = infer(app, body);
    await started;
    const waiting = [infer(app, body), infer(app, body)];
    // Requests are injected in order, so this one finds the two in the queue.
    const refused = await infer(app, body);
    expect(refused.statusCode).toBe(503);
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.json()).toEqual({ error: expect.stringMatching(/expected at most 2 \(maxQueue\)/) });
    open();
    for (const response of await Promise.all([first, ...waiting])) expect(response.statusCode).toBe(200);
    expect(runs).toHaveLength(3);
    expect((await infer(app, body)).statusCode).toBe(200);
  });

  it('counts the elements of requests that are not batched; one alone is always let in', async () => {
    using m = twoInputs();
    app = await serving({ models: { m: { session: m, maxQueue: 5 } } });
    const { started, open } = gate(m);
    const body = (batch: number) => ({
      inputs: [
        { name: 'a', shape: [batch, 2], datatype: 'FP32', data: Array(2 * batch).fill(1) },
        { name: 'b', shape: [batch, 4], datatype: 'FP32', data: Array(4 * batch).fill(1) },
      ],
    });
    const large = infer(app, body(4));
    await started;
    const refused = await infer(app, body(2));
    expect(refused.statusCode).toBe(503);
    expect(refused.json().error).toMatch(/4 batch elements of model "m" are under way and 2 more came.* 5 /);
    const small = infer(app, body(1));
    open();
    expect((await large).statusCode).toBe(200);
    expect((await small).statusCode).toBe(200);
    expect((await infer(app, body(9))).statusCode).toBe(200);
  });
});

describe('a client that goes', () => {
  it('makes room in the queue', async () => {
    using m = oneInput();
    const { server, next } = await listening({ m: { session: m, maxBatch: 1, maxQueue: 1 } });
    app = server;
    const { started, open, runs } = gate(m);
    const body = bodyOf(new Float32Array(6), 1);
    const running = infer(app, body);
    await started;
    const { handled, closed } = next();
    const leaving = start(app, body);
    await handled;
    await setImmediate();
    expect((await infer(app, body)).statusCode).toBe(503);
    leaving.destroy();
    await closed;
    await setImmediate();
    const late = infer(app, body);
    open();
    expect((await running).statusCode).toBe(200);
    expect((await late).statusCode).toBe(200);
    expect(runs).toHaveLength(2);
  });

  it('aborts a run that is under way', async () => {
    using m = oneInput();
    const { server } = await listening({ m });
    app = server;
    const { started, open, signals } = gate(m);
    const leaving = start(app, bodyOf(new Float32Array(12), 2));
    await started;
    const signal = signals[0]!;
    expect(signal.aborted).toBe(false);
    leaving.destroy();
    await once(signal, 'abort');
    expect(signal.reason).toMatchObject({ message: 'the client closed the connection' });
    open();
    expect((await infer(app, bodyOf(new Float32Array(6), 1))).statusCode).toBe(200);
  });

  it('is told from one whose response was sent', async () => {
    using m = oneInput();
    const { server, next } = await listening({ m });
    app = server;
    const { open, signals } = gate(m);
    open();
    const { closed } = next();
    const [response] = await once(start(app, bodyOf(new Float32Array(12), 2)), 'response');
    response.resume();
    await closed;
    expect(signals[0]!.aborted).toBe(false);
  });

  it('may have gone before', () => {
    const gone = { destroyed: true, writableFinished: false, once: vi.fn() };
    expect(disconnectSignal(gone).aborted).toBe(true);
  });
});

describe('closing', () => {
  it('waits for the requests of open connections', async () => {
    using m = oneInput();
    const { server, next } = await listening({ m: { session: m, maxDelayMs: 100 } });
    const { handled } = next();
    const answered = once(start(server, bodyOf(new Float32Array(6), 1)), 'response');
    await handled;
    await server.close();
    const [response] = await answered;
    expect(response.statusCode).toBe(200);
    response.resume();
  });

  it('does not let a request without a connection wait for others any longer', async () => {
    using m = oneInput();
    const { server, next } = await listening({ m: { session: m, maxDelayMs: 600_000 } });
    const { handled } = next();
    const x = new Random(5).floats(6);
    const waiting = infer(server, bodyOf(x, 1));
    await handled;
    await setImmediate();
    await server.close();
    const { outputs } = (await waiting).json();
    expect(outputs[0].data).toEqual(Array.from(m.run(x) as Float32Array));
  });
});
