import { describe, expect, it } from 'vitest';
import { SparseError } from '../../../lib/errors.ts';
import { PlanBuilder } from '../../../lib/plan/builder.ts';
import { emitDense } from '../../../lib/plan/emit/dense.ts';
import { batcher } from '../../../lib/session/batcher.ts';
import type { SparseSession } from '../../../lib/session/session.ts';
import { Random } from '../../helpers/random.ts';
import { rejection, relativeDifference, sessionOf } from '../../helpers/sessions.ts';
import { failure } from '../sparse/failure.ts';

const random = new Random();
const [inputs, outputs] = [40, 7];
/** Long enough that no test waits for it. */
const never = 1e9;

function dense(): SparseSession {
  const plan = new PlanBuilder();
  const kernel = random.floats(inputs * outputs, 0.2);
  plan.output('y', emitDense(plan, 'dense', plan.input('x', [inputs]), { kernel, outputs }));
  return sessionOf(plan.finish());
}

/** A session whose runs are recorded, and held back until `release`. */
function held() {
  const session = dense();
  const batches: number[] = [];
  const gates: (() => void)[] = [];
  let isOpen = false;
  const runAsync = session.runAsync.bind(session) as (x: Float32Array) => Promise<Float32Array>;
  session.runAsync = (async (x: Float32Array) => {
    batches.push(x.length / inputs);
    if (!isOpen) await new Promise<void>((resolve) => gates.push(resolve));
    return runAsync(x);
  }) as never;
  const release = () => {
    isOpen = true;
    for (const open of gates.splice(0)) open();
  };
  return { session, batches, release };
}

const request = (batch = 1) => random.floats(batch * inputs);

describe('batcher', () => {
  it('gives every request its own part of the results', async () => {
    const session = dense();
    const requests = batcher(session, { maxBatch: 8, maxDelayMs: 1 });
    const all = Array.from({ length: 50 }, (_, i) => request((i % 3) + 1));
    const results = await Promise.all(all.map((x) => requests.run(x)));
    for (const [i, y] of results.entries())
      expect(relativeDifference(y, session.run(all[i]!)), `SEED=${random.seed}, ${i}`).toBeLessThan(1e-5);
    expect(new Set(results.map((y) => y.buffer)).size).toBe(50);
    await requests.close();
  });

  it('starts a batch when it is full, and merges what came meanwhile', async () => {
    const { session, batches, release } = held();
    const requests = batcher(session, { maxBatch: 4, maxDelayMs: never, maxQueue: 100 });
    const results = Array.from({ length: 11 }, () => requests.run(request()));
    expect(batches).toEqual([4]);
    release();
    await Promise.all(results.slice(0, 8));
    expect(batches).toEqual([4, 4]);
    await requests.close();
    expect(batches).toEqual([4, 4, 3]);
    expect((await Promise.all(results)).every((y) => y.length === outputs)).toBe(true);
  });

  it('keeps a request of several elements together', async () => {
    const { session, batches, release } = held();
    release();
    const requests = batcher(session, { maxBatch: 4, maxDelayMs: never });
    const results = [3, 2, 4, 1].map((batch) => requests.run(request(batch)));
    await requests.close();
    expect(batches).toEqual([3, 2, 4, 1]);
    expect((await Promise.all(results)).map((y) => y.length / outputs)).toEqual([3, 2, 4, 1]);
  });

  it.each([0, 5])('starts a batch that is not full after a delay of %i ms', async (maxDelayMs) => {
    const { session, batches, release } = held();
    release();
    const requests = batcher(session, { maxBatch: 100, maxDelayMs });
    const results = [requests.run(request()), requests.run(request())];
    expect(batches).toEqual([]);
    await Promise.all(results);
    expect(batches).toEqual([2]);
    // The delay counts anew for the next one.
    await requests.run(request());
    expect(batches).toEqual([2, 1]);
  });

  it('has copied its input when the call returns', async () => {
    const session = dense();
    const requests = batcher(session, { maxBatch: 8, maxDelayMs: 0 });
    const x = request();
    const expected = session.run(x);
    const result = requests.run(x);
    x.fill(Number.NaN);
    expect(relativeDifference(await result, expected)).toBeLessThan(1e-5);
  });

  it('refuses what the queue has no room for, and takes more when it has', async () => {
    const { session, batches, release } = held();
    const requests = batcher(session, { maxBatch: 2, maxDelayMs: 0, maxQueue: 3 });
    const running = [requests.run(request()), requests.run(request())];
    const waiting = [requests.run(request(2)), requests.run(request())];
    const error = (await rejection(requests.run(request()))) as SparseError;
    expect(error).toMatchObject({ code: 'ERR_SPARSE_OVERLOADED', tensor: 'queue', expected: 3, received: 4 });
    expect(error.message).toMatch(/^batcher\.run: 3 batch elements wait/);
    release();
    await Promise.all([...running, ...waiting]);
    await requests.run(request());
    expect(batches).toEqual([2, 2, 1, 1]);
  });

  it('hands an error to every request of the batch, and goes on', async () => {
    const session = dense();
    const runAsync = session.runAsync.bind(session);
    const broken = new SparseError('ERR_SPARSE_NATIVE', 'run: not enough memory.');
    session.runAsync = (async () => {
      session.runAsync = runAsync;
      throw broken;
    }) as never;
    const requests = batcher(session, { maxBatch: 2, maxDelayMs: 0 });
    const results = [requests.run(request()), requests.run(request()), requests.run(request())];
    expect(await Promise.all(results.slice(0, 2).map(rejection))).toEqual([broken, broken]);
    expect((await results[2]!).length).toBe(outputs);
  });

  it('says so when the session was disposed', async () => {
    const session = dense();
    const requests = batcher(session, { maxBatch: 2, maxDelayMs: 0 });
    session.dispose();
    expect(await rejection(requests.run(request()))).toMatchObject({
      code: 'ERR_SPARSE_DISPOSED',
      tensor: 'session',
    });
  });

  it('refuses one bad request without harm to the others', async () => {
    const requests = batcher(dense(), { maxBatch: 4, maxDelayMs: 0 });
    const good = requests.run(request());
    const bad: [unknown, object][] = [
      [
        new Float32Array(inputs + 1),
        { code: 'ERR_SPARSE_SHAPE', tensor: 'x', expected: inputs, received: inputs + 1 },
      ],
      [request(5), { code: 'ERR_SPARSE_SHAPE', tensor: 'x', expected: '1 to 4', received: 5 }],
      [new Float32Array(0), { code: 'ERR_SPARSE_SHAPE', tensor: 'x', received: 0 }],
      [new Float64Array(inputs), { code: 'ERR_SPARSE_DTYPE', tensor: 'x', received: 'Float64Array' }],
      [new Float32Array(new SharedArrayBuffer(4 * inputs)), { code: 'ERR_SPARSE_BUFFER', tensor: 'x' }],
      [{ x: request() }, { code: 'ERR_SPARSE_ARGUMENT', tensor: 'x', received: 'Object' }],
      [undefined, { code: 'ERR_SPARSE_ARGUMENT', tensor: 'x' }],
    ];
    for (const [x, facts] of bad) {
      const error = (await rejection(requests.run(x as Float32Array))) as SparseError;
      expect(error).toMatchObject(facts);
      expect(error.message).toMatch(/^batcher\.run: /);
    }
    expect((await good).length).toBe(outputs);
  });
});

describe('an abort of a request', () => {
  const reason = new Error('the client went away');
  const aborted = { code: 'ERR_SPARSE_ABORTED', cause: reason };

  it('takes it out of the queue and makes room', async () => {
    const { session, batches, release } = held();
    const requests = batcher(session, { maxBatch: 1, maxDelayMs: 0, maxQueue: 1 });
    const first = requests.run(request());
    const controller = new AbortController();
    const second = requests.run(request(), { signal: controller.signal });
    controller.abort(reason);
    expect(await rejection(second)).toMatchObject(aborted);
    const third = requests.run(request());
    release();
    await Promise.all([first, third]);
    expect(batches).toEqual([1, 1]);
  });

  it('rejects it alone when its batch is running', async () => {
    const { session, release } = held();
    const requests = batcher(session, { maxBatch: 2, maxDelayMs: 0 });
    const controller = new AbortController();
    const one = requests.run(request(), { signal: controller.signal });
    const two = requests.run(request());
    controller.abort(reason);
    expect(await rejection(one)).toMatchObject(aborted);
    release();
    expect((await two).length).toBe(outputs);
  });

  it('before the call rejects it at once', async () => {
    const requests = batcher(dense(), { maxBatch: 2, maxDelayMs: 0 });
    expect(await rejection(requests.run(request(), { signal: AbortSignal.abort(reason) }))).toMatchObject(
      aborted,
    );
    const wrong = await rejection(requests.run(request(), { signal: 'now' as never }));
    expect(wrong).toMatchObject({ code: 'ERR_SPARSE_ARGUMENT', tensor: 'signal', received: 'string' });
  });

  it('lets close finish when it took the last request', async () => {
    const { session, release } = held();
    const requests = batcher(session, { maxBatch: 1, maxDelayMs: 0 });
    const controller = new AbortController();
    const first = requests.run(request());
    const second = rejection(requests.run(request(), { signal: controller.signal }));
    const closing = requests.close();
    controller.abort(reason);
    release();
    await Promise.all([first, second, closing]);
  });
});

describe('close', () => {
  it('runs what waits, refuses what comes, and leaves the session open', async () => {
    const session = dense();
    const requests = batcher(session, { maxBatch: 4, maxDelayMs: never });
    const results = Array.from({ length: 10 }, () => requests.run(request()));
    const closing = requests.close();
    const late = await rejection(requests.run(request()));
    expect(late).toMatchObject({ code: 'ERR_SPARSE_DISPOSED', tensor: 'batcher' });
    await closing;
    expect((await Promise.all(results)).length).toBe(10);
    expect(requests.close()).toBe(closing);
    expect(session.run(request()).length).toBe(outputs);
  });

  it('resolves at once when nothing waits', async () => {
    await batcher(dense(), { maxBatch: 4, maxDelayMs: never }).close();
  });
});

const optionCases: [string, object | undefined, object][] = [
  ['none', undefined, { code: 'ERR_SPARSE_ARGUMENT', tensor: 'maxBatch' }],
  ['no delay', { maxBatch: 4 }, { code: 'ERR_SPARSE_ARGUMENT', tensor: 'maxDelayMs' }],
  ['a misspelt name', { maxBatch: 4, maxDelay: 2 }, { code: 'ERR_SPARSE_OPTION', tensor: 'maxDelay' }],
  [
    'maxBatch 0',
    { maxBatch: 0, maxDelayMs: 1 },
    { code: 'ERR_SPARSE_OPTION', tensor: 'maxBatch', received: 0 },
  ],
  [
    'maxBatch NaN',
    { maxBatch: Number.NaN, maxDelayMs: 1 },
    { code: 'ERR_SPARSE_OPTION', tensor: 'maxBatch' },
  ],
  [
    'maxDelayMs -1',
    { maxBatch: 4, maxDelayMs: -1 },
    { code: 'ERR_SPARSE_OPTION', tensor: 'maxDelayMs', received: -1 },
  ],
  [
    'maxDelayMs NaN',
    { maxBatch: 4, maxDelayMs: Number.NaN },
    { code: 'ERR_SPARSE_OPTION', tensor: 'maxDelayMs' },
  ],
  [
    'maxDelayMs 2^31',
    { maxBatch: 4, maxDelayMs: 2 ** 31 },
    { code: 'ERR_SPARSE_OPTION', tensor: 'maxDelayMs' },
  ],
  [
    'maxQueue below maxBatch',
    { maxBatch: 4, maxDelayMs: 1, maxQueue: 3 },
    { code: 'ERR_SPARSE_OPTION', tensor: 'maxQueue', received: 3 },
  ],
];

describe('options of batcher', () => {
  it.each(optionCases)('(%s) are refused', (_title, options, facts) => {
    const error = failure(() => batcher(dense(), options as never));
    expect(error).toMatchObject(facts);
    expect(error.message).toMatch(/^batcher: .+\.( .+[.?])?$/);
  });

  it('need a session with one input and one output', () => {
    const plan = new PlanBuilder();
    const x = plan.input('x', [3]);
    for (const name of ['y', 'z'])
      plan.output(name, emitDense(plan, name, x, { kernel: random.floats(6), outputs: 2 }));
    const options = { maxBatch: 4, maxDelayMs: 1 };
    const two = failure(() => batcher(sessionOf(plan.finish()), options));
    expect(two).toMatchObject({
      code: 'ERR_SPARSE_ARGUMENT',
      tensor: 'session',
      expected: [1, 1],
      received: [1, 2],
    });
    const none = failure(() => batcher(undefined as never, options));
    expect(none).toMatchObject({ code: 'ERR_SPARSE_ARGUMENT', tensor: 'session', received: 'undefined' });
  });
});
