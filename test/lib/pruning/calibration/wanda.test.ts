import { describe, expect, it } from 'vitest';
import { FeatureNorms, wandaMask, wandaMetric } from '../../../../lib/pruning/calibration/wanda.ts';
import { failure } from '../../sparse/failure.ts';

const f32 = (...values: number[]) => Float32Array.from(values);
const weights = f32(1, -0.5, 0.2, 0.8, 0.3, 0.9, -0.4, 0.1);
const inputs = f32(1, 2, 0, 1, 2, 0, 1, 1);

describe('FeatureNorms', () => {
  it('sums squares over vectors, divided by the number of sequences', () => {
    const norms = new FeatureNorms(4);
    norms.add(inputs, [2, 4]);
    expect([...norms.scalerRow]).toEqual([5, 4, 1, 2]);
    norms.add(inputs, [2, 1, 4]);
    expect([...norms.scalerRow].map((sum) => sum * 3)).toEqual(
      [10, 8, 2, 4].map((sum) => Math.fround(sum / 3) * 3),
    );
  });

  it('does not depend on how sequences are cut into batches', () => {
    const [once, twice] = [new FeatureNorms(4), new FeatureNorms(4)];
    once.add(inputs, [2, 1, 4]);
    twice.add(inputs.subarray(0, 4), [1, 1, 4]);
    twice.add(inputs.subarray(4), [1, 1, 4]);
    expect(twice.scalerRow).toEqual(once.scalerRow);
  });

  it('is 0 before the first batch, and refuses what does not fit', () => {
    const norms = new FeatureNorms(4);
    expect([...norms.scalerRow]).toEqual([0, 0, 0, 0]);
    expect(failure(() => norms.add(inputs, [4, 2])).code).toBe('ERR_SPARSE_SHAPE');
    expect(failure(() => norms.add(inputs, [8])).code).toBe('ERR_SPARSE_SHAPE');
    expect(failure(() => norms.add(f32(), [0, 4])).code).toBe('ERR_SPARSE_SHAPE');
    expect(failure(() => norms.add(f32(1, 2, Number.NaN, 4), [1, 4])).code).toBe('ERR_SPARSE_NAN');
    expect(failure(() => new FeatureNorms(0)).code).toBe('ERR_SPARSE_OPTION');
  });
});

describe('the mask', () => {
  const metric = wandaMetric(weights, [2, 4], f32(5, 4, 1, 2));

  it('ranks |w| times the norm of its input, within each output', () => {
    expect(metric[0]).toBeCloseTo(2.236068, 6);
    expect(metric[1]).toBe(1);
    expect(wandaMask(metric, [2, 4], { sparsity: 0.5 }).join('')).toBe('10011100');
  });

  it('prunes trunc(inputs · sparsity) of each output', () => {
    expect(wandaMask(metric, [2, 4], { sparsity: 0.74 }).join('')).toBe('10011100');
    expect(wandaMask(metric, [2, 4], { sparsity: 0.75 }).join('')).toBe('10000100');
    expect(wandaMask(metric, [2, 4], { sparsity: 0 }).join('')).toBe('11111111');
    expect(wandaMask(metric, [2, 4], { sparsity: 1 }).join('')).toBe('00000000');
  });

  it('prunes of - keep of each group, of a shorter last one too', () => {
    expect(wandaMask(metric, [2, 4], { nm: { keep: 1, of: 2 } }).join('')).toBe('10010110');
    expect(wandaMask(metric, [2, 4], { nm: { keep: 2, of: 3 } }).join('')).toBe('11001100');
  });

  it('prunes the lower input first on a tie', () => {
    expect(wandaMask(new Float32Array(4), [1, 4], { sparsity: 0.5 }).join('')).toBe('0011');
  });

  it('refuses what does not fit', () => {
    expect(failure(() => wandaMetric(weights, [2, 4], f32(1))).code).toBe('ERR_SPARSE_SHAPE');
    expect(failure(() => wandaMetric(weights, [8] as never, f32(1))).code).toBe('ERR_SPARSE_SHAPE');
    expect(failure(() => wandaMask(metric, [2, 4], { sparsity: 2 })).code).toBe('ERR_SPARSE_OPTION');
    expect(failure(() => wandaMask(metric, [2, 4], { nm: { keep: 5, of: 4 } })).code).toBe(
      'ERR_SPARSE_OPTION',
    );
    expect(failure(() => wandaMask(f32(Number.NaN), [1, 1], { sparsity: 0 })).code).toBe('ERR_SPARSE_NAN');
  });
});
