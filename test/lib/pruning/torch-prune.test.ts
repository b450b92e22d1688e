import { describe, expect, it } from 'vitest';
import { channelNorms } from '../../../lib/pruning/channel-norms.ts';
import { torchGlobal, torchStructured, torchUnstructured } from '../../../lib/pruning/torch-prune.ts';
import { failure } from '../sparse/failure.ts';

const f32 = (...values: number[]) => Float32Array.from(values);
const ones = (mask: Uint8Array) => mask.reduce((sum, bit) => sum + bit, 0);

describe('torchUnstructured', () => {
  const values = Float32Array.from({ length: 30 }, (_, i) => i + 1);

  it('takes a fraction of what is left, rounded half to even', () => {
    const once = torchUnstructured({ values }, { fraction: 0.5 });
    expect(ones(once)).toBe(15);
    // round(7.5) = 8
    expect(ones(torchUnstructured({ values, mask: once }, { fraction: 0.5 }))).toBe(7);
  });

  it('takes a number as it is: all is 1.0, not 1', () => {
    expect(ones(torchUnstructured({ values }, { count: 1 }))).toBe(29);
    expect(ones(torchUnstructured({ values }, { fraction: 1 }))).toBe(0);
    expect(failure(() => torchUnstructured({ values }, { count: 31 })).code).toBe('ERR_SPARSE_OPTION');
  });

  it('keeps the lower index on a tie', () => {
    expect(torchUnstructured({ values: f32(1, -1, 1, 1) }, { count: 2 }).join('')).toBe('1100');
  });
});

describe('torchGlobal', () => {
  it('ranks all weights at once and may empty one', () => {
    const weights = [{ values: f32(5, -6) }, { values: f32(1, 2) }];
    expect(torchGlobal(weights, { fraction: 0.5 }).map((mask) => mask.join(''))).toEqual(['11', '00']);
  });

  it('goes on from earlier masks', () => {
    const weights = [{ values: f32(5, -6), mask: Uint8Array.of(0, 1) }, { values: f32(1, 2) }];
    expect(torchGlobal(weights, { fraction: 0.34 }).map((mask) => mask.join(''))).toEqual(['01', '01']);
  });
});

describe('torchStructured', () => {
  const values = f32(1, -2, 3, 2, 1, -1, 0, 0, 9);

  it('prunes the channels of the smallest norm along an axis', () => {
    const mask = (dim: number, order = 2) =>
      torchStructured({ values }, [3, 3], { count: 1 }, { order, dim }).join('');
    expect(mask(0)).toBe('111000111');
    expect(mask(1)).toBe('101101101');
    expect(mask(-1)).toBe(mask(1));
    expect(mask(0, Number.POSITIVE_INFINITY)).toBe('111000111');
  });

  it('does not rank channels that are pruned already', () => {
    const first = torchStructured({ values }, [3, 3], { count: 1 }, { order: 2, dim: 0 });
    const second = torchStructured({ values, mask: first }, [3, 3], { fraction: 0.5 }, { order: 2, dim: 0 });
    expect(second.join('')).toBe('000000111');
  });

  it('counts what is pruned of a channel as 0', () => {
    const prune = (mask?: Uint8Array) =>
      torchStructured({ values: f32(9, 1, 2, 2), mask }, [2, 2], { count: 1 }, { order: 2, dim: 0 }).join('');
    expect(prune()).toBe('1100');
    expect(prune(Uint8Array.of(0, 1, 1, 1))).toBe('0011');
  });

  it('refuses vectors, axes that are not there and orders that are none', () => {
    const refused = (shape: number[], options: { order: number; dim: number }) =>
      failure(() => torchStructured({ values }, shape, { count: 1 }, options)).code;
    expect(refused([9], { order: 2, dim: 0 })).toBe('ERR_SPARSE_SHAPE');
    expect(refused([3, 3], { order: 2, dim: 2 })).toBe('ERR_SPARSE_OPTION');
    expect(refused([3, 3], { order: 2, dim: -3 })).toBe('ERR_SPARSE_OPTION');
    expect(refused([3, 3], { order: 0, dim: 0 })).toBe('ERR_SPARSE_OPTION');
    expect(refused([3, 3], { order: Number.NaN, dim: 0 })).toBe('ERR_SPARSE_OPTION');
  });
});

describe('channelNorms', () => {
  it('takes norms of any order along any axis', () => {
    const values = f32(3, -4, 0, 12);
    expect([...channelNorms(values, [2, 2], 0, 2)]).toEqual([5, 12]);
    expect([...channelNorms(values, [2, 2], 1, 1)]).toEqual([3, 16]);
    expect([...channelNorms(values, [2, 2], 0, Number.POSITIVE_INFINITY)]).toEqual([4, 12]);
    expect([...channelNorms(values, [2, 2], 0, Number.NEGATIVE_INFINITY)]).toEqual([3, 0]);
    expect(channelNorms(values, [2, 2], 0, 3)[0]).toBeCloseTo(91 ** (1 / 3), 6);
    expect([...channelNorms(f32(), [2, 0], 0, Number.NEGATIVE_INFINITY)]).toEqual([0, 0]);
  });
});
