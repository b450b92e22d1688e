import { describe, expect, it } from 'vitest';
import { PlanBuilder } from '../../../lib/plan/builder.ts';
import { emitDense } from '../../../lib/plan/emit/dense.ts';
import type { SessionOptions } from '../../../lib/session/options.ts';
import type { SparseSession } from '../../../lib/session/session.ts';
import { Random } from '../../helpers/random.ts';
import { prunedKernel } from '../../helpers/random-plan.ts';
import { bits, rejection, sessionOf } from '../../helpers/sessions.ts';

const random = new Random();
const [inputs, outputs] = [256, 192];
/** Rows that keep a thread busy for some milliseconds. */
const busy = 1000;

function session(options?: SessionOptions): SparseSession {
  const plan = new PlanBuilder();
  const layer = (x: number, n: number, k: number, name: string) =>
    emitDense(plan, name, x, { kernel: prunedKernel(random, k, n, { sparsity: 0.8, block: 1 }), outputs: n });
  plan.output('y', layer(layer(plan.input('x', [inputs]), inputs, inputs, 'a'), outputs, inputs, 'b'));
  return sessionOf(plan.finish(), options);
}

/** A batch made of the same rows again and again. */
function repeated(rows: Float32Array, times: number): Float32Array {
  return Float32Array.from({ length: rows.length * times }, (_, i) => rows[i % rows.length]!);
}

/** Resolves after a few turns of the event loop. */
const turns = (count: number) =>
  new Promise<void>((resolve) => {
    const turn = (left: number) => (left === 0 ? resolve() : setImmediate(() => turn(left - 1)));
    turn(count);
  });

describe('runAsync', () => {
  it.each([1, 2])('gives 64 runs at once their own results, %i threads each', async (threads) => {
    const subject = session({ threads });
    const all = Array.from({ length: 64 }, (_, i) => random.floats(((i % 7) + 1) * inputs));
    const expected = all.map((x) => bits(subject.run(x) as Float32Array));
    const results = await Promise.all(all.map((x) => subject.runAsync(x)));
    for (const [i, y] of results.entries())
      expect(bits(y), `SEED=${random.seed}, run ${i}`).toEqual(expected[i]);
  });

  it('runs beside run on the same session', async () => {
    const subject = session({ threads: 2 });
    const x = repeated(random.floats(10 * inputs), busy / 10);
    const small = random.floats(3 * inputs);
    const expected = [bits(subject.run(x) as Float32Array), bits(subject.run(small) as Float32Array)];
    const running = Array.from({ length: 4 }, () => subject.runAsync(x));
    for (let i = 0; i < 20; i++) expect(bits(subject.run(small) as Float32Array)).toEqual(expected[1]);
    for (const y of await Promise.all(running)) expect(bits(y)).toEqual(expected[0]);
  });

  it('has copied its input when the call returns', async () => {
    const subject = session();
    const x = random.floats(64 * inputs);
    const expected = bits(subject.run(x) as Float32Array);
    const changes: ((array: Float32Array<ArrayBuffer>) => unknown)[] = [
      (array) => array.fill(Number.NaN),
      (array) => structuredClone(array.buffer, { transfer: [array.buffer] }),
    ];
    for (const change of changes) {
      const pending = Array.from({ length: 8 }, () => {
        const copy = x.slice();
        const running = subject.runAsync(copy);
        change(copy);
        return running;
      });
      for (const y of await Promise.all(pending)) expect(bits(y)).toEqual(expected);
    }
  });

  it('gives each run memory of its own', async () => {
    const subject = session();
    const x = random.floats(inputs);
    const [one, two] = (await Promise.all([subject.runAsync(x), subject.runAsync(x)])) as [
      Float32Array<ArrayBuffer>,
      Float32Array<ArrayBuffer>,
    ];
    expect(one.buffer).not.toBe(two.buffer);
    const expected = bits(two);
    structuredClone(one.buffer, { transfer: [one.buffer] });
    expect(bits(two)).toEqual(expected);
  });

  it('lets the event loop turn meanwhile', async () => {
    let isDone = false;
    const running = session()
      .runAsync(new Float32Array(40 * busy * inputs).fill(0.5))
      .then(() => {
        isDone = true;
      });
    let turned = 0;
    for (; !isDone; turned++) await turns(1);
    await running;
    // A run inside the call itself would be done after the first.
    expect(turned).toBeGreaterThan(1);
  });

  it('finishes when the session is disposed meanwhile', async () => {
    const subject = session();
    const x = repeated(random.floats(10 * inputs), busy / 10);
    const expected = bits(subject.run(x) as Float32Array);
    const running = Array.from({ length: 6 }, () => subject.runAsync(x));
    subject.dispose();
    expect(await rejection(subject.runAsync(x))).toMatchObject({ code: 'ERR_SPARSE_DISPOSED' });
    for (const y of await Promise.all(running)) expect(bits(y)).toEqual(expected);
  });
});

describe('an abort', () => {
  const reason = new Error('the client went away');

  it('before the call rejects without running', async () => {
    const error = await rejection(
      session().runAsync(random.floats(inputs), { signal: AbortSignal.abort(reason) }),
    );
    expect(error).toMatchObject({ name: 'SparseError', code: 'ERR_SPARSE_ABORTED', cause: reason });
  });

  it('during the run rejects at once, and other runs go on', async () => {
    const subject = session();
    const x = new Float32Array(4 * busy * inputs).fill(0.5);
    const controller = new AbortController();
    const order: string[] = [];
    const other = subject.runAsync(x).then(() => order.push('finished'));
    const aborted = rejection(subject.runAsync(x, { signal: controller.signal })).then((error) => {
      order.push('aborted');
      return error;
    });
    controller.abort(reason);
    expect(await aborted).toMatchObject({ code: 'ERR_SPARSE_ABORTED', cause: reason });
    await other;
    expect(order).toEqual(['aborted', 'finished']);
  });

  it('after the run changes nothing, and no listener stays on the signal', async () => {
    const subject = session();
    const controller = new AbortController();
    const listeners = new Set<unknown>();
    const { signal } = controller;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = ((type: 'abort', listener: () => void) => {
      listeners.add(listener);
      add(type, listener);
    }) as typeof signal.addEventListener;
    signal.removeEventListener = ((type: 'abort', listener: () => void) => {
      listeners.delete(listener);
      remove(type, listener);
    }) as typeof signal.removeEventListener;
    const running = subject.runAsync(random.floats(inputs), { signal });
    expect(listeners.size).toBe(1);
    expect((await running).length).toBe(outputs);
    await turns(1);
    expect(listeners.size).toBe(0);
    controller.abort();
  });

  it('needs a signal', async () => {
    const subject = session();
    for (const [signal, received] of [
      [null, 'null'],
      [{}, 'Object'],
      [true, 'boolean'],
      [new AbortController(), 'AbortController'],
    ] as const) {
      const error = await rejection(subject.runAsync(random.floats(inputs), { signal: signal as never }));
      expect(error).toMatchObject({
        code: 'ERR_SPARSE_ARGUMENT',
        tensor: 'signal',
        expected: 'AbortSignal',
        received,
      });
    }
    const misspelt = await rejection(subject.runAsync(random.floats(inputs), { singal: 1 } as object));
    expect(misspelt).toMatchObject({ code: 'ERR_SPARSE_OPTION', received: 'singal' });
    const out = await rejection(
      subject.runAsync(random.floats(inputs), { out: new Float32Array(outputs) } as object),
    );
    expect(out).toMatchObject({ code: 'ERR_SPARSE_OPTION', received: 'out' });
  });
});
