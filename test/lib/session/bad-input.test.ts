import { describe, expect, it } from 'vitest';
import type { SparseError } from '../../../lib/errors.ts';
import { PlanBuilder } from '../../../lib/plan/builder.ts';
import { emitDense } from '../../../lib/plan/emit/dense.ts';
import { compile } from '../../../lib/session/compile.ts';
import { SparseSession } from '../../../lib/session/session.ts';
import { Random } from '../../helpers/random.ts';
import { rejection, sessionOf } from '../../helpers/sessions.ts';
import { failure } from '../sparse/failure.ts';

type Facts = Partial<SparseError>;

const random = new Random();

/** x [3] -> y [2] */
function one(): SparseSession {
  const plan = new PlanBuilder();
  plan.output('y', emitDense(plan, 'dense', plan.input('x', [3]), { kernel: random.floats(6), outputs: 2 }));
  return sessionOf(plan.finish());
}

/** a [3], b [2, 4] -> y [2], z [2, 5] */
function two(): SparseSession {
  const plan = new PlanBuilder();
  const [a, b] = [plan.input('a', [3]), plan.input('b', [2, 4])];
  plan.output('y', emitDense(plan, 'first', a, { kernel: random.floats(6), outputs: 2 }));
  plan.output('z', emitDense(plan, 'second', b, { kernel: random.floats(20), outputs: 5 }));
  return sessionOf(plan.finish());
}

function detached(): Float32Array {
  const array = new Float32Array(3);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}
const shared = () => new Float32Array(new SharedArrayBuffer(12));
const resizable = () =>
  new Float32Array(
    new (ArrayBuffer as never as new (n: number, o: object) => ArrayBuffer)(12, { maxByteLength: 24 }),
  );

/** A message says what was called, what was expected and what to make of it, in full sentences. */
function expectReadable(error: SparseError, what: string): void {
  expect(error.message).toMatch(new RegExp(`^${what.replaceAll('.', '\\.')}: .+\\.( .+[.?])?$`, 's'));
  expect(error.message).not.toMatch(/\[object|undefined is not|NaN values/);
  expect(error.message.length).toBeLessThan(300);
}

const inputs: [string, () => unknown, Facts][] = [
  [
    'too short',
    () => new Float32Array(2),
    { code: 'ERR_SPARSE_SHAPE', tensor: 'x', expected: 3, received: 2 },
  ],
  [
    'no whole batch',
    () => new Float32Array(7),
    { code: 'ERR_SPARSE_SHAPE', tensor: 'x', expected: 3, received: 7 },
  ],
  [
    'Float64Array',
    () => new Float64Array(3),
    { code: 'ERR_SPARSE_DTYPE', tensor: 'x', expected: 'Float32Array', received: 'Float64Array' },
  ],
  ['Int32Array', () => new Int32Array(3), { code: 'ERR_SPARSE_DTYPE', tensor: 'x', received: 'Int32Array' }],
  [
    'BigInt64Array',
    () => new BigInt64Array(3),
    { code: 'ERR_SPARSE_DTYPE', tensor: 'x', received: 'BigInt64Array' },
  ],
  ['Buffer', () => Buffer.alloc(12), { code: 'ERR_SPARSE_DTYPE', tensor: 'x', received: 'Uint8Array' }],
  [
    'detached',
    detached,
    { code: 'ERR_SPARSE_BUFFER', tensor: 'x', expected: 'ArrayBuffer', received: 'a detached ArrayBuffer' },
  ],
  ['shared', shared, { code: 'ERR_SPARSE_BUFFER', tensor: 'x', received: 'a SharedArrayBuffer' }],
  ['resizable', resizable, { code: 'ERR_SPARSE_BUFFER', tensor: 'x', received: 'a resizable ArrayBuffer' }],
  [
    'a plain array',
    () => [1, 2, 3],
    { code: 'ERR_SPARSE_ARGUMENT', tensor: 'x', expected: ['x'], received: 'Array' },
  ],
  [
    'a DataView',
    () => new DataView(new ArrayBuffer(12)),
    { code: 'ERR_SPARSE_ARGUMENT', tensor: 'x', received: 'DataView' },
  ],
  ['an ArrayBuffer', () => new ArrayBuffer(12), { code: 'ERR_SPARSE_ARGUMENT', tensor: 'x' }],
  ['null', () => null, { code: 'ERR_SPARSE_ARGUMENT', tensor: 'x', received: 'null' }],
  ['nothing', () => undefined, { code: 'ERR_SPARSE_ARGUMENT', tensor: 'x', received: 'undefined' }],
  ['a string', () => 'abc', { code: 'ERR_SPARSE_ARGUMENT', tensor: 'x', received: 'string' }],
  [
    'another name',
    () => ({ X: new Float32Array(3) }),
    { code: 'ERR_SPARSE_ARGUMENT', tensor: 'X', expected: ['x'], received: ['X'] },
  ],
  ['no name', () => ({}), { code: 'ERR_SPARSE_ARGUMENT', tensor: 'x', expected: ['x'], received: [] }],
];

describe('an input that does not fit', () => {
  it.each(inputs)('(%s) is refused by run and runAsync', async (_title, make, facts) => {
    const session = one();
    const x = make() as Float32Array;
    const error = failure(() => session.run(x));
    expect(error).toMatchObject(facts);
    expectReadable(error, 'run');
    const later = (await rejection(session.runAsync(x))) as SparseError;
    expect(later).toMatchObject(facts);
    expectReadable(later, 'runAsync');
  });

  it('is refused where an array grew or was detached after it had been good', () => {
    const session = one();
    const x = new Float32Array(3);
    session.run(x);
    structuredClone(x.buffer, { transfer: [x.buffer] });
    expect(failure(() => session.run(x)).code).toBe('ERR_SPARSE_BUFFER');
  });
});

const outs: [string, (x: Float32Array) => unknown, Facts][] = [
  [
    'too short',
    () => new Float32Array(1),
    { code: 'ERR_SPARSE_SHAPE', tensor: 'out "y"', expected: 2, received: 1 },
  ],
  [
    'too long',
    () => new Float32Array(4),
    { code: 'ERR_SPARSE_SHAPE', tensor: 'out "y"', expected: 2, received: 4 },
  ],
  ['Int32Array', () => new Int32Array(2), { code: 'ERR_SPARSE_DTYPE', tensor: 'out "y"' }],
  ['detached', detached, { code: 'ERR_SPARSE_BUFFER', tensor: 'out "y"' }],
  ['shared', () => shared().subarray(0, 2), { code: 'ERR_SPARSE_BUFFER', tensor: 'out "y"' }],
  ['resizable', () => resizable().subarray(0, 2), { code: 'ERR_SPARSE_BUFFER', tensor: 'out "y"' }],
  ['a plain array', () => [0, 0], { code: 'ERR_SPARSE_ARGUMENT', tensor: 'out "y"', received: 'Array' }],
  ['null', () => null, { code: 'ERR_SPARSE_ARGUMENT', tensor: 'out "y"', received: 'null' }],
  [
    'the input itself',
    (x) => x.subarray(0, 2),
    {
      code: 'ERR_SPARSE_BUFFER',
      tensor: 'out "y"',
      expected: 'memory of its own',
      received: 'overlapping memory',
    },
  ],
  [
    'the end of the input',
    (x) => new Float32Array(x.buffer, 8, 2),
    { code: 'ERR_SPARSE_BUFFER', tensor: 'out "y"' },
  ],
];

describe('an output array that does not fit', () => {
  it.each(outs)('(%s) is refused', (_title, make, facts) => {
    const x = new Float32Array(new ArrayBuffer(16), 0, 3);
    const error = failure(() => one().run(x, { out: make(x) as Float32Array }));
    expect(error).toMatchObject(facts);
    expectReadable(error, 'run');
  });

  it('that lies behind the input in one buffer is fine', () => {
    const memory = new Float32Array(5);
    const out = memory.subarray(3);
    expect(one().run(memory.subarray(0, 3), { out })).toBe(out);
  });
});

const options: [string, object, Facts][] = [
  [
    'a misspelt name',
    { outt: new Float32Array(2) },
    { code: 'ERR_SPARSE_OPTION', tensor: 'outt', expected: ['shape', 'out'], received: 'outt' },
  ],
  [
    'an option of runAsync',
    { signal: new AbortController().signal },
    { code: 'ERR_SPARSE_OPTION', received: 'signal' },
  ],
  ['an array', [], { code: 'ERR_SPARSE_ARGUMENT', received: 'Array' }],
  ['null', null as never, { code: 'ERR_SPARSE_ARGUMENT', received: 'null' }],
  [
    'a shape of another batch',
    { shape: [2, 3] },
    { code: 'ERR_SPARSE_SHAPE', tensor: 'x', expected: [1, 3], received: [2, 3] },
  ],
  ['a shape without the batch', { shape: [3] }, { code: 'ERR_SPARSE_SHAPE', tensor: 'x', expected: [1, 3] }],
  ['a shape with NaN', { shape: [Number.NaN, 3] }, { code: 'ERR_SPARSE_SHAPE', tensor: 'x' }],
  ['a shape that is a string', { shape: '1,3' }, { code: 'ERR_SPARSE_SHAPE', tensor: 'x', received: '1,3' }],
];

describe('options of run', () => {
  it.each(options)('with %s are refused', (_title, given, facts) => {
    const error = failure(() => one().run(new Float32Array(3), given));
    expect(error).toMatchObject(facts);
    expectReadable(error, 'run');
  });

  it('name the option that was probably meant', () => {
    const x = new Float32Array(3);
    expect(failure(() => one().run(x, { Out: x } as object)).message).toContain('Did you mean "out"?');
    expect(failure(() => one().run(x, { batchSize: 1 } as object)).message).not.toContain('Did you mean');
  });

  it('accept the right shape', () => {
    expect(one().run(new Float32Array(6), { shape: [2, 3] }).length).toBe(4);
  });
});

describe('a session with several inputs and outputs', () => {
  const good = () => ({ a: new Float32Array(6), b: new Float32Array(16) });
  const cases: [string, (session: SparseSession) => unknown, Facts][] = [
    [
      'one array',
      (s) => s.run(new Float32Array(3)),
      { code: 'ERR_SPARSE_ARGUMENT', tensor: 'x', expected: ['a', 'b'], received: 'one array' },
    ],
    [
      'a missing input',
      (s) => s.run({ a: good().a }),
      { code: 'ERR_SPARSE_ARGUMENT', tensor: 'b', expected: ['a', 'b'], received: ['a'] },
    ],
    [
      'an unknown input',
      (s) => s.run({ ...good(), c: good().a }),
      { code: 'ERR_SPARSE_ARGUMENT', tensor: 'c', expected: ['a', 'b'] },
    ],
    [
      'different batches',
      (s) => s.run({ ...good(), a: new Float32Array(9) }),
      { code: 'ERR_SPARSE_SHAPE', tensor: 'b', expected: 3, received: 2 },
    ],
    [
      'a wrong length',
      (s) => s.run({ ...good(), b: new Float32Array(9) }),
      { code: 'ERR_SPARSE_SHAPE', tensor: 'b', expected: 8, received: 9 },
    ],
    [
      'a wrong shape',
      (s) => s.run(good(), { shapes: { b: [2, 4, 2] } }),
      { code: 'ERR_SPARSE_SHAPE', tensor: 'b', expected: [2, 2, 4], received: [2, 4, 2] },
    ],
    [
      'an unknown shape',
      (s) => s.run(good(), { shapes: { c: [1] } }),
      { code: 'ERR_SPARSE_ARGUMENT', tensor: 'c' },
    ],
    [
      'shape for shapes',
      (s) => s.run(good(), { shape: [2, 3] } as object),
      { code: 'ERR_SPARSE_OPTION', tensor: 'shape', received: 'shape' },
    ],
    [
      'an unknown out',
      (s) => s.run(good(), { out: { x: new Float32Array(4) } }),
      { code: 'ERR_SPARSE_ARGUMENT', tensor: 'x', expected: ['y', 'z'] },
    ],
    [
      'an array as out',
      (s) => s.run(good(), { out: new Float32Array(4) as never }),
      { code: 'ERR_SPARSE_ARGUMENT', tensor: 'out' },
    ],
    [
      'a wrong out',
      (s) => s.run(good(), { out: { z: new Float32Array(4) } }),
      { code: 'ERR_SPARSE_SHAPE', tensor: 'out "z"', expected: 20, received: 4 },
    ],
    [
      'outs that overlap each other',
      (s) => {
        const z = new Float32Array(20);
        return s.run(good(), { out: { y: z.subarray(0, 4), z } });
      },
      { code: 'ERR_SPARSE_BUFFER', tensor: 'out "z"' },
    ],
    [
      'an out that is the other input',
      (s) => {
        const x = good();
        return s.run(x, { out: { y: x.b.subarray(0, 4) } });
      },
      { code: 'ERR_SPARSE_BUFFER', tensor: 'out "y"' },
    ],
  ];
  it.each(cases)('refuses %s', (_title, run, facts) => {
    const error = failure(() => run(two()));
    expect(error).toMatchObject(facts);
    expectReadable(error, 'run');
  });

  it('fills the outs that it is given and makes the others', () => {
    const y = new Float32Array(4);
    const outputs = two().run(good(), { out: { y } });
    expect(outputs.y).toBe(y);
    expect(outputs.z!.length).toBe(20);
  });
});

describe('an empty batch', () => {
  it('gives empty outputs', async () => {
    expect(one().run(new Float32Array(0))).toEqual(new Float32Array(0));
    expect(await one().runAsync(new Float32Array(0))).toEqual(new Float32Array(0));
    expect(two().run({ a: new Float32Array(0), b: new Float32Array(0) }).z).toEqual(new Float32Array(0));
  });
});

describe('describe', () => {
  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])('refuses a batch of %s', (batch) => {
    const error = failure(() => one().describe(batch));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_OPTION', tensor: 'batch', received: batch });
    expectReadable(error, 'describe');
  });
});

describe('a disposed session', () => {
  it('refuses everything but dispose', async () => {
    const session = one();
    session.dispose();
    session.dispose();
    const x = new Float32Array(3);
    const facts = { code: 'ERR_SPARSE_DISPOSED', tensor: 'session' };
    expect(failure(() => session.run(x))).toMatchObject(facts);
    expect(failure(() => session.run({ x }))).toMatchObject(facts);
    expect(failure(() => session.describe())).toMatchObject(facts);
    expect(await rejection(session.runAsync(x))).toMatchObject(facts);
    expect(await rejection(session.save('nowhere'))).toMatchObject(facts);
    expectReadable(
      failure(() => session.run(x)),
      'run',
    );
  });

  it('is disposed by Symbol.dispose too', () => {
    const session = one();
    session[Symbol.dispose]();
    expect(failure(() => session.run(new Float32Array(3))).code).toBe('ERR_SPARSE_DISPOSED');
  });
});

const compileOptions: [string, object, Facts][] = [
  ['thread (misspelt)', { thread: 2 }, { code: 'ERR_SPARSE_OPTION', tensor: 'thread', received: 'thread' }],
  [
    'an unknown mode',
    { sparse: 'sometimes' },
    { code: 'ERR_SPARSE_OPTION', tensor: 'sparse', received: 'sometimes' },
  ],
  ['a boolean mode', { sparse: true }, { code: 'ERR_SPARSE_OPTION', tensor: 'sparse' }],
  ['0 threads', { threads: 0 }, { code: 'ERR_SPARSE_OPTION', tensor: 'threads', received: 0 }],
  ['1.5 threads', { threads: 1.5 }, { code: 'ERR_SPARSE_OPTION', tensor: 'threads' }],
  ['NaN threads', { threads: Number.NaN }, { code: 'ERR_SPARSE_OPTION', tensor: 'threads' }],
  ['-1 threads', { threads: -1 }, { code: 'ERR_SPARSE_OPTION', tensor: 'threads' }],
  ['a billion threads', { threads: 1e9 }, { code: 'ERR_SPARSE_OPTION', tensor: 'threads' }],
  ['"2" threads', { threads: '2' }, { code: 'ERR_SPARSE_ARGUMENT', tensor: 'threads', received: '2' }],
  ['a batch that is no list', { batch: 16 }, { code: 'ERR_SPARSE_OPTION', tensor: 'batch', received: 16 }],
  ['no batch', { batch: [] }, { code: 'ERR_SPARSE_OPTION', tensor: 'batch' }],
  ['a batch of 0', { batch: [1, 0] }, { code: 'ERR_SPARSE_OPTION', tensor: 'batch', received: 0 }],
  ['a batch of NaN', { batch: [Number.NaN] }, { code: 'ERR_SPARSE_OPTION', tensor: 'batch' }],
  ['a batch of 2.5', { batch: [2.5] }, { code: 'ERR_SPARSE_OPTION', tensor: 'batch', received: 2.5 }],
  ['tune that is no boolean', { tune: 1 }, { code: 'ERR_SPARSE_OPTION', tensor: 'tune', received: 1 }],
  ['options that are a string', 'fast' as never, { code: 'ERR_SPARSE_ARGUMENT', received: 'string' }],
];

describe('compile', () => {
  it.each(compileOptions)('refuses %s', async (_title, given, facts) => {
    const error = (await rejection(compile('no-such-model.json', given))) as SparseError;
    expect(error).toMatchObject(facts);
    expectReadable(error, 'compile');
  });

  it('names the option that was probably meant', async () => {
    const error = (await rejection(compile('model.json', { treads: 2 } as object))) as SparseError;
    expect(error.message).toContain('Did you mean "threads"?');
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['an empty object', {}],
    ['a file that is not there', 'no-such-folder/model.json'],
  ])('refuses %s for a model', async (_title, model) => {
    const error = (await rejection(compile(model as string))) as SparseError;
    expect(error.name).toBe('SparseError');
    expect(['ERR_SPARSE_ARGUMENT', 'ERR_SPARSE_MODEL', 'ERR_SPARSE_FILE']).toContain(error.code);
  });
});

describe('a path', () => {
  it.each([undefined, null, 7, '', 'a\0b', {}])('that is %j is refused by save and load', async (file) => {
    const facts = { code: 'ERR_SPARSE_ARGUMENT', tensor: 'file', received: file ?? undefined };
    if (file === null) Object.assign(facts, { received: null });
    expect(await rejection(one().save(file as string))).toMatchObject(facts);
    expect(await rejection(SparseSession.load(file as string))).toMatchObject(facts);
  });
});

describe('what only looks like an array or a session', () => {
  it('a proxy of a Float32Array is refused by name', () => {
    const session = one();
    for (const fake of [new Proxy(new Float32Array(3), {}), Object.create(Float32Array.prototype)])
      expect(failure(() => session.run(fake as Float32Array)).code).toBe('ERR_SPARSE_ARGUMENT');
  });

  it('the constructor says where sessions come from', () => {
    const Constructor = SparseSession as unknown as new () => SparseSession;
    expect(failure(() => new Constructor()).message).toMatch(/Use compile or SparseSession\.load/);
  });
});
