import { describe, expect, it } from 'vitest';
import { type Distribution, distribute } from '../../../lib/pruning/distributions.ts';
import { erkSparsities } from '../../../lib/pruning/erk.ts';
import { failure } from '../sparse/failure.ts';

const weights = [
  { key: 'conv/kernel', shape: [3, 3, 1, 12] },
  { key: 'lstm/kernel', shape: [28, 40] },
  { key: 'lstm/recurrent_kernel', shape: [10, 40] },
];

describe('distribute', () => {
  it('uniform is the same for all', () => {
    expect(distribute(weights, 0.7, 'uniform')).toEqual({
      'conv/kernel': 0.7,
      'lstm/kernel': 0.7,
      'lstm/recurrent_kernel': 0.7,
    });
  });

  it('er and erk are the Erdős-Rényi sparsities', () => {
    const shapes = Object.fromEntries(weights.map(({ key, shape }) => [key, shape]));
    expect(distribute(weights, 0.7, 'erk')).toEqual(erkSparsities(shapes, 0.7).sparsities);
    expect(distribute(weights, 0.7, 'er')).toEqual(erkSparsities(shapes, 0.7, { kernel: false }).sparsities);
  });

  it('a table goes by weight, then by layer; what it does not name gets the common sparsity', () => {
    expect(distribute(weights, 0.7, { lstm: 0.5, 'lstm/kernel': 0.9 })).toEqual({
      'conv/kernel': 0.7,
      'lstm/kernel': 0.9,
      'lstm/recurrent_kernel': 0.5,
    });
  });

  it('a function is asked for each weight, and may leave it to the common sparsity', () => {
    const bySize: Distribution = ({ shape }) => (shape.length === 4 ? 0 : undefined);
    expect(distribute(weights, 0.6, bySize)).toMatchObject({ 'conv/kernel': 0, 'lstm/kernel': 0.6 });
  });

  it('refuses names that no weight has and fractions out of range', () => {
    const misspelt = failure(() => distribute(weights, 0.7, { lstn: 0.5 }));
    expect(misspelt).toMatchObject({ code: 'ERR_SPARSE_OPTION', tensor: 'lstn' });
    expect(misspelt.message).toContain('lstm/recurrent_kernel');
    expect(failure(() => distribute(weights, 0.7, { conv: 1.1 })).message).toContain('conv/kernel');
    expect(failure(() => distribute(weights, 0.7, () => Number.NaN)).message).toContain('conv/kernel');
    expect(failure(() => distribute(weights, -0.1, 'uniform')).code).toBe('ERR_SPARSE_OPTION');
    expect(failure(() => distribute(weights, 0.7, 'ERK' as 'erk')).message).toContain('"erk"');
    expect(failure(() => distribute(weights, 0.7, 3 as never)).code).toBe('ERR_SPARSE_ARGUMENT');
    expect(failure(() => distribute(weights, 0.7, [0.5] as never)).code).toBe('ERR_SPARSE_ARGUMENT');
  });
});
