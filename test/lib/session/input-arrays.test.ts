import { describe, expect, it } from 'vitest';
import type { SparseError } from '../../../lib/errors.ts';
import { SparseSession } from '../../../lib/session/session.ts';
import { rejection } from '../../helpers/sessions.ts';
import { failure } from '../sparse/failure.ts';
import { detached, expectReadable, type Facts, one, resizable, shared, two } from './bad-input.ts';

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
describe('an empty batch', () => {
  it('gives empty outputs', async () => {
    expect(one().run(new Float32Array(0))).toEqual(new Float32Array(0));
    expect(await one().runAsync(new Float32Array(0))).toEqual(new Float32Array(0));
    expect(two().run({ a: new Float32Array(0), b: new Float32Array(0) }).z).toEqual(new Float32Array(0));
  });
});
