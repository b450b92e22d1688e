import { describe, expect, it } from 'vitest';
import type { SparseSession } from '../../../lib/session/session.ts';
import { failure } from '../sparse/failure.ts';
import { expectReadable, type Facts, two } from './bad-input.ts';

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
