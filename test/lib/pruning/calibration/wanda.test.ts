import { describe, expect, it } from 'vitest';
import { FeatureNorms, wandaMask, wandaMetric } from '../../../../lib/pruning/calibration/wanda.ts';
import { wandaVariantMask } from '../../../../lib/pruning/calibration/wanda-variant.ts';
import { seededRandom } from '../../../../lib/sparse/random.ts';
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

describe('the variant', () => {
  it('takes the same share of each output, so that an uneven one loses more', () => {
    // Shares 0.1, 0.3, 0.6, 1 of 10; 0.25, 0.5, 0.75, 1 of 4. From 0.4 (1 of 8 each row: 2 + 1) to 0.6 (3 + 2).
    const metric = f32(1, 2, 3, 4, 1.1, 1, 0.9, 1);
    expect(wandaVariantMask(metric, [2, 4], 3 / 8)).toEqual({
      mask: Uint8Array.of(0, 0, 1, 1, 1, 1, 0, 1),
      alpha: 0.4,
    });
    // Of the second, a share of 3/13 takes its three ties: 5 of 8 zeros or 2, never 4.
    const { mask } = wandaVariantMask(f32(8, 1, 1, 2, 3, 3, 3, 4), [2, 4], 0.5);
    expect([...mask.subarray(0, 4)]).toEqual([1, 0, 0, 1]);
    expect(new Set(mask.subarray(4, 7)).size).toBe(1);
  });

  it('comes near any sparsity where entries are many, at shares beyond the first bracket too', () => {
    const next = seededRandom(7);
    const many = Float32Array.from({ length: 40 * 500 }, () => next() ** 4);
    let before = 0;
    for (const sparsity of [0.01, 0.3, 0.5, 0.9, 0.99, 0.999]) {
      const { mask, alpha } = wandaVariantMask(many, [40, 500], sparsity);
      const zeros = mask.reduce((sum, bit) => sum + 1 - bit, 0);
      expect(Math.abs(zeros / mask.length - sparsity)).toBeLessThanOrEqual(0.005);
      expect(alpha).toBeGreaterThan(before);
      before = alpha;
    }
    expect(before).toBeGreaterThan(0.8);
  });

  it('prunes nothing at 0, all at 1, and refuses what the other one refuses', () => {
    const metric = f32(1, 2, 3, 4);
    expect([...wandaVariantMask(metric, [1, 4], 0).mask]).toEqual([1, 1, 1, 1]);
    expect([...wandaVariantMask(metric, [1, 4], 1).mask]).toEqual([0, 0, 0, 0]);
    expect(wandaVariantMask(f32(), [0, 4], 0.5).mask).toHaveLength(0);
    expect(failure(() => wandaVariantMask(metric, [2, 4], 0.5)).code).toBe('ERR_SPARSE_SHAPE');
    expect(failure(() => wandaVariantMask(f32(1, Number.NaN), [1, 2], 0.5)).code).toBe('ERR_SPARSE_NAN');
    expect(failure(() => wandaVariantMask(metric, [1, 4], 1.5)).code).toBe('ERR_SPARSE_OPTION');
  });
});
