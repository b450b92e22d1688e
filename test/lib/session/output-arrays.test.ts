import { describe, expect, it } from 'vitest';
import { failure } from '../sparse/failure.ts';
import { detached, expectReadable, type Facts, one, resizable, shared } from './bad-input.ts';

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
