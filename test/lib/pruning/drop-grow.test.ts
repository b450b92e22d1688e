import { describe, expect, it } from 'vitest';
import { cosineDropFraction, dropAndGrow, resetGrown } from '../../../lib/pruning/drop-grow.ts';
import { failure } from '../sparse/failure.ts';

const f32 = (...values: number[]) => Float32Array.from(values);

describe('the drop fraction', () => {
  it('falls by half a cosine', () => {
    const at = (step: number) => cosineDropFraction(step, { initial: 0.3, endStep: 100 });
    expect([at(0), at(50), at(100), at(170)].map((f) => Math.round(f * 1e9) / 1e9)).toEqual([
      0.3, 0.15, 0, 0,
    ]);
    expect(cosineDropFraction(0, { endStep: 10 })).toBe(0.3);
  });

  it('counts steps from 0 over the length of the window', () => {
    expect(cosineDropFraction(50, { initial: 0.4, beginStep: 100, endStep: 200 })).toBeCloseTo(0.2, 12);
    expect(failure(() => cosineDropFraction(0, { beginStep: 5, endStep: 5 })).code).toBe('ERR_SPARSE_OPTION');
  });
});

describe('dropAndGrow', () => {
  const layer = {
    key: 'dense/kernel',
    weights: f32(4, 1, -3, 2, 0, 0, 0, 0),
    mask: Uint8Array.of(1, 1, 1, 1, 0, 0, 0, 0),
    growth: f32(9, 9, 9, 0.5, -7, 1, 2, 6),
  };

  it('drops the smallest weights and grows the greatest gradients of what was not kept', () => {
    const done = dropAndGrow({ ...layer, growth: f32(9, 0, 9, 0.5, -7, 1, 2, 6) }, 0.5);
    expect(done.dropped).toBe(2);
    expect(done.mask.join('')).toBe('10101001');
    expect(done.newlyGrown.join('')).toBe('00001001');
    expect([...done.weights]).toEqual([4, 0, -3, 0, 0, 0, 0, 0]);
  });

  it('lets a dropped weight grow back with its value', () => {
    const done = dropAndGrow(layer, 0.5);
    expect(done.mask.join('')).toBe('11101000');
    expect(done.newlyGrown.join('')).toBe('00001000');
    expect([...done.weights]).toEqual([4, 1, -3, 0, 0, 0, 0, 0]);
  });

  it('keeps the number of connections, and all of them at fraction 0', () => {
    for (const fraction of [0, 0.1, 0.3, 0.75, 1]) {
      expect(dropAndGrow(layer, fraction).mask.reduce((sum, bit) => sum + bit, 0)).toBe(4);
    }
    expect(dropAndGrow(layer, 0.2).mask).toEqual(layer.mask);
  });

  it('names the weight in errors', () => {
    const refused = (change: object) => failure(() => dropAndGrow({ ...layer, ...change }, 0.5));
    const nan = f32(Number.NaN, 0, 0, 0, 0, 0, 0, 0);
    expect(refused({ weights: nan })).toMatchObject({ code: 'ERR_SPARSE_NAN', tensor: 'dense/kernel' });
    // Ranked for growth are only those that were not kept.
    expect(refused({ growth: f32(0, 0, 0, 0, 0, Number.NaN, 0, 0) }).tensor).toBe('growth of dense/kernel');
    expect(refused({ growth: f32(1) }).code).toBe('ERR_SPARSE_SHAPE');
    expect(failure(() => dropAndGrow(layer, 1.5)).code).toBe('ERR_SPARSE_OPTION');
  });

  it('resets the slots of new connections only', () => {
    expect([...resetGrown(f32(1, 2, 3), Uint8Array.of(0, 1, 0))]).toEqual([1, 0, 3]);
    expect(failure(() => resetGrown(f32(1), Uint8Array.of(0, 1))).code).toBe('ERR_SPARSE_SHAPE');
  });
});
