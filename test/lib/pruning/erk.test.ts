import { describe, expect, it } from 'vitest';
import { erkSparsities } from '../../../lib/pruning/erk.ts';
import { failure } from '../sparse/failure.ts';

describe('erkSparsities', () => {
  const cnn = { conv: [3, 3, 1, 12], dense: [2028, 10] };

  it("gives the article's model at 90 % more of its small layer", () => {
    const { epsilon, sparsities, zeros } = erkSparsities(cnn, 0.9);
    expect(epsilon).toBeCloseTo(0.991249, 6);
    expect(1 - sparsities.conv!).toBeCloseTo(0.174386, 6);
    expect(1 - sparsities.dense!).toBeCloseTo(0.099614, 6);
    expect(zeros).toEqual({ conv: 89, dense: 18259 });
  });

  it('looks only at inputs and outputs without kernel sizes', () => {
    const { sparsities } = erkSparsities({ a: [1, 1, 8, 8], b: [5, 5, 8, 8] }, 0.5, { kernel: false });
    expect(sparsities.a).toBeCloseTo(sparsities.b!, 12);
  });

  it('makes a weight dense whose density would exceed 1, and solves again', () => {
    const { sparsities } = erkSparsities({ a: [784, 300], b: [300, 100], c: [100, 10] }, 0.9);
    expect(sparsities.c).toBe(0);
    expect(sparsities.a).toBeCloseTo(0.92043, 5);
  });

  it('keeps as many weights as a uniform sparsity does', () => {
    const shapes = { a: [40, 30], b: [30, 20], c: [20, 10] };
    for (const sparsity of [0.3, 0.6, 0.95]) {
      const { sparsities } = erkSparsities(shapes, sparsity);
      const kept = 1200 * (1 - sparsities.a!) + 600 * (1 - sparsities.b!) + 200 * (1 - sparsities.c!);
      expect(Math.abs(kept - 2000 * (1 - sparsity))).toBeLessThan(1e-6);
    }
  });

  it('leaves weights with their own sparsity out of the budget, and dense ones dense', () => {
    const shapes = { a: [40, 30], b: [30, 20], c: [20, 10] };
    const { sparsities } = erkSparsities(shapes, 0.7, { custom: { a: 0.25 }, dense: ['c'] });
    expect(sparsities).toMatchObject({ a: 0.25, c: 0 });
    // b alone pays for c: of the 180 of b that would stay, 140 go.
    expect(600 * (1 - sparsities.b!)).toBeCloseTo(40, 9);
  });

  it('power 0 is uniform; sparsity 0 keeps all; everything dense or custom has no epsilon', () => {
    const { sparsities } = erkSparsities(cnn, 0.75, { power: 0 });
    expect(sparsities.conv).toBeCloseTo(0.75, 12);
    expect(sparsities.dense).toBeCloseTo(0.75, 12);
    for (const value of Object.values(erkSparsities(cnn, 0).sparsities)) expect(value).toBeCloseTo(0, 12);
    const all = erkSparsities(cnn, 0.5, { custom: { conv: 0.1, dense: 0.2 } });
    expect(all).toMatchObject({ epsilon: 0, sparsities: { conv: 0.1, dense: 0.2 } });
  });

  it('takes a weight of rank 1 as one input', () => {
    for (const kernel of [true, false]) {
      const { sparsities } = erkSparsities({ bias: [10], dense: [100, 10] }, 0.5, { kernel });
      expect(sparsities.bias).toBe(0);
    }
  });

  it('refuses what cannot be shared', () => {
    expect(failure(() => erkSparsities(cnn, 1.5)).code).toBe('ERR_SPARSE_OPTION');
    expect(failure(() => erkSparsities(cnn, Number.NaN)).code).toBe('ERR_SPARSE_OPTION');
    const unknown = failure(() => erkSparsities(cnn, 0.5, { dense: ['fc'] }));
    expect(unknown).toMatchObject({ code: 'ERR_SPARSE_OPTION', tensor: 'fc', expected: ['conv', 'dense'] });
    expect(failure(() => erkSparsities(cnn, 0.5, { custom: { conv: 2 } })).message).toContain(
      'custom["conv"]',
    );
    expect(failure(() => erkSparsities({ a: [0, 3] }, 0.5))).toMatchObject({
      code: 'ERR_SPARSE_SHAPE',
      tensor: 'a',
    });
    const room = failure(() => erkSparsities({ a: [4, 4], b: [100, 100] }, 0.9, { dense: ['b'] }));
    expect(room.message).toContain('dense weights (b)');
  });
});
