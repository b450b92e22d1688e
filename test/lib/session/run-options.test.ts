import { describe, expect, it } from 'vitest';
import { failure } from '../sparse/failure.ts';
import { expectReadable, type Facts, one } from './bad-input.ts';

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

describe('describe', () => {
  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])('refuses a batch of %s', (batch) => {
    const error = failure(() => one().describe(batch));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_OPTION', tensor: 'batch', received: batch });
    expectReadable(error, 'describe');
  });
});
