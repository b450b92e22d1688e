import { describe, expect, it } from 'vitest';
import type { NativeBindings, NativeChoice, NativePlan, NativeStep } from '../../../lib/native/bindings.ts';
import { native } from '../../../lib/native/load.ts';
import { failure } from '../sparse/failure.ts';

// The checks of the addon itself: nothing that reaches it past TypeScript may read or write out of bounds.

const linear = { type: 0, alpha: 0, min: 0, max: 0 };
const map = { array: false, fixed: false, integers: false };
const choice: NativeChoice = { vector: 2, vectorColumns: 1, sliceColumns: 0, nr: 4, dense: true, storage: 0 };

function plan(change: (step: NativeStep, plan: NativePlan) => void = () => undefined): NativePlan {
  const step: NativeStep = {
    op: 'matmul',
    inputs: [0],
    output: 1,
    n: 2,
    k: 3,
    weight: new Float32Array(6),
    bias: new Float32Array(2),
    activation: { ...linear },
    choice: { ...choice },
  };
  const made: NativePlan = {
    values: [
      { channels: 3, height: 1, width: 1, ...map },
      { channels: 2, height: 1, width: 1, ...map },
    ],
    steps: [step],
    inputs: [0],
    outputs: [1],
    batch: 0,
  };
  change(step, made);
  return made;
}

describe('createSession', () => {
  it('makes a session of a sound plan', () => {
    const handle = native().createSession(plan(), 1);
    expect(native().run(handle, new Float32Array(3), new Float32Array(2))).toBe(0);
  });

  it.each<[string, (step: NativeStep, plan: NativePlan) => void]>([
    ['an input out of range', (step) => (step.inputs = [9])],
    ['an output out of range', (step) => (step.output = 9)],
    ['a step that writes its input', (step) => (step.output = 0)],
    ['a short weight', (step) => (step.weight = new Float32Array(5))],
    ['no weight', (step) => delete step.weight],
    ['a short bias', (step) => (step.bias = new Float32Array(1))],
    ['n of 0', (step) => (step.n = 0)],
    ['n that overflows', (step) => (step.n = 2 ** 52)],
    ['k that is not the input', (step) => (step.k = 2)],
    ['nr of 3', (step) => (step.choice = { ...choice, nr: 3 as never })],
    ['slices of 17 columns', (step) => (step.choice = { ...choice, sliceColumns: 17 })],
    ['slices of -1 columns', (step) => (step.choice = { ...choice, sliceColumns: -1 })],
    ['slices of half a column', (step) => (step.choice = { ...choice, sliceColumns: 0.5 })],
    ['slices of NaN columns', (step) => (step.choice = { ...choice, sliceColumns: Number.NaN })],
    ['no number of slice columns', (step) => (step.choice = { ...choice, sliceColumns: undefined as never })],
    [
      'no kernel',
      (step) =>
        (step.choice = { vector: 0, vectorColumns: 1, sliceColumns: 0, nr: 0, dense: false, storage: 0 }),
    ],
    ['an unknown storage', (step) => (step.choice = { ...choice, storage: 3 })],
    ['no storage', (step) => (step.choice = { ...choice, storage: undefined as never })],
    [
      'a weight of NaN as int8',
      (step) => {
        step.weight!.fill(Number.NaN, 5);
        step.choice = { ...choice, storage: 2 };
      },
    ],
    ['an unknown activation', (step) => (step.activation = { ...linear, type: 99 })],
    ['an activation of NaN', (step) => (step.activation = { ...linear, type: Number.NaN })],
    ['an unknown operation', (step) => (step.op = 'erase' as never)],
    ['a convolution without a window', (step) => (step.op = 'conv2d')],
    ['a value without channels', (_, p) => (p.values[1]!.channels = 0)],
    ['a value of 2^31 channels', (_, p) => (p.values[0]!.channels = 2 ** 31)],
    ['a value of NaN channels', (_, p) => (p.values[0]!.channels = Number.NaN)],
    ['an input port out of range', (_, p) => (p.inputs = [7])],
    ['an output port out of range', (_, p) => (p.outputs = [7])],
    ['an output that nothing makes', (_, p) => (p.steps = [])],
    ['no lists', (_, p) => (p.steps = undefined as never)],
    ['steps that are no objects', (_, p) => (p.steps = [7 as never])],
  ])('refuses %s', (_title, change) => {
    expect(failure(() => native().createSession(plan(change), 1)).code).toMatch(/^ERR_SPARSE_/);
  });

  it('refuses arguments of another kind', () => {
    for (const wrong of [undefined, null, 7, 'plan'])
      expect(failure(() => native().createSession(wrong as never, 1)).name).toBe('SparseError');
    expect(failure(() => native().createSession(plan(), -1)).code).toBe('ERR_SPARSE_ARGUMENT');
  });
});

describe('run', () => {
  const session = () => native().createSession(plan(), 1);

  it('gives 1, and touches nothing, where its arguments do not fit', () => {
    const handle = session();
    const run = native().run as (...args: unknown[]) => number;
    const out = new Float32Array(2).fill(7);
    const x = new Float32Array(3);
    const cases: unknown[][] = [
      [],
      [handle, x],
      [handle, new Float32Array(4), out],
      [handle, x, new Float32Array(3)],
      [handle, new Float64Array(3), out],
      [handle, [1, 2, 3], out],
      [handle, null, null],
      [{}, x, out],
      [undefined, x, out],
      [handle, new Float32Array(new SharedArrayBuffer(12)), out],
      [handle, x, x.subarray(0, 2)],
    ];
    for (const args of cases) expect(run(...args)).toBe(1);
    expect([...out]).toEqual([7, 7]);
  });

  it('takes no handle of another kind, and none of a disposed session', () => {
    const csr = { rowOffsets: Int32Array.of(0, 1), colIndices: Int32Array.of(0), values: Float32Array.of(1) };
    const product = native().csrPack(1, 1, csr.rowOffsets, csr.colIndices, csr.values, {
      vector: 1,
      vectorColumns: 1,
      sliceColumns: 0,
      nr: 1,
      dense: false,
      storage: 0,
    });
    expect(native().run(product as never, new Float32Array(3), new Float32Array(2))).toBe(1);
    expect(failure(() => native().sessionReport(product as never, 1)).code).toBe('ERR_SPARSE_ARGUMENT');
    const handle = session();
    native().disposeSession(handle);
    native().disposeSession(handle);
    expect(native().run(handle, new Float32Array(3), new Float32Array(2))).toBe(1);
    expect(failure(() => native().sessionReport(handle, 1)).code).toBe('ERR_SPARSE_DISPOSED');
  });
});

describe('runMany and runAsync', () => {
  type Call = (b: NativeBindings, inputs: unknown, outputs: unknown, batch?: unknown) => unknown;
  const handle = () => native().createSession(plan(), 1);
  it.each<[string, Call]>([
    [
      'runMany',
      (b, inputs, outputs, batch = 1) =>
        b.runMany(handle(), batch as number, inputs as never, outputs as never),
    ],
    ['runAsync', (b, inputs, _, batch = 1) => b.runAsync(handle(), batch as number, inputs as never)],
  ])('%s checks lengths, types and counts', (_name, call) => {
    const out = [new Float32Array(2)];
    for (const inputs of [[], [new Float32Array(2)], [new Float64Array(3)], [7], 'x', undefined])
      expect(failure(() => call(native(), inputs, out)).code).toMatch(/^ERR_SPARSE_(SHAPE|DTYPE|ARGUMENT)$/);
    for (const batch of [-1, 0.5, Number.NaN, 2, '1', 2 ** 53 - 1])
      expect(failure(() => call(native(), [new Float32Array(3)], out, batch)).name).toBe('SparseError');
  });
});

describe('csrPack', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses a value of %d as int8', (bad) => {
    const pack = (storage: number) =>
      native().csrPack(1, 2, Int32Array.of(0, 2), Int32Array.of(0, 1), Float32Array.of(1, bad), {
        vector: 1,
        vectorColumns: 1,
        sliceColumns: 0,
        nr: 1,
        dense: false,
        storage,
      });
    expect(pack(0)).toBeDefined();
    expect(pack(1)).toBeDefined();
    expect(failure(() => pack(2)).code).toBe('ERR_SPARSE_STORAGE');
  });

  it.each([
    [0, 0],
    [0, 3],
    [1, 3],
    [1, 7],
  ])('refuses a choice of vector kernel %i and nr %i', (vector, nr) => {
    const choice = { vector, vectorColumns: 1, sliceColumns: 0, nr, dense: false, storage: 0 };
    const pack = () =>
      native().csrPack(1, 1, Int32Array.of(0, 1), Int32Array.of(0), Float32Array.of(1), choice as never);
    expect(failure(pack)).toMatchObject({ code: 'ERR_SPARSE_PLAN' });
  });
});

describe('tables', () => {
  it('name every code that C++ raises as one that TypeScript knows', async () => {
    const { errorCodes } = await import('../../../lib/errors.ts');
    const { statusCodes, activations } = native().tables();
    for (const code of statusCodes) if (code !== 'OK') expect(Object.keys(errorCodes)).toContain(code);
    expect(new Set(activations).size).toBe(activations.length);
  });

  it('name every storage', async () => {
    const { storages } = await import('../../../lib/sparse/storage.ts');
    expect(native().tables().storages).toEqual(storages);
  });

  it('name every activation of a plan', async () => {
    const { plainActivations } = await import('../../../lib/plan/activations.ts');
    const { activations } = native().tables();
    expect(activations).toEqual(
      expect.arrayContaining([...plainActivations, 'leakyRelu', 'thresholdedRelu', 'hardSwish', 'clamp']),
    );
    expect(activations.length).toBe(plainActivations.length + 4);
  });
});
