import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rankNorms, selectMagnitude, selectThreshold } from '../../../lib/sparse/ranking.ts';
import { failure } from './failure.ts';

const f32 = (...values: number[]) => Float32Array.from(values);

describe('rankNorms', () => {
  const weights = f32(1, -2, 3, 2, 1, -1);

  test('ranks outputs by L2 and keeps the order of equal norms', () => {
    const { norms, ranking } = rankNorms(weights, [2, 3], { over: 'outputs' });
    expect([...norms]).toEqual([5, 5, 10].map((x) => Math.fround(Math.sqrt(x))));
    expect([...ranking]).toEqual([0, 1, 2]);
  });

  test('ranks inputs by L1 and by the greatest absolute value', () => {
    expect(rankNorms(weights, [2, 3], { over: 'inputs', order: 1 })).toEqual({
      norms: f32(6, 4),
      ranking: Uint32Array.of(1, 0),
    });
    expect([
      ...rankNorms(weights, [2, 3], { over: 'inputs', order: Number.POSITIVE_INFINITY }).norms,
    ]).toEqual([3, 2]);
  });

  test('takes blocks, cut at the edges, in row-major order', () => {
    const { norms, ranking } = rankNorms(weights, [2, 3], { over: { inputs: 2, outputs: 2 }, order: 1 });
    expect([...norms]).toEqual([6, 4]);
    expect([...ranking]).toEqual([1, 0]);
  });

  test('neither overflows nor loses denormals', () => {
    expect([...rankNorms(f32(3e38, 1e-44), [1, 2], { over: 'outputs' }).norms]).toEqual([
      ...f32(3e38, 1e-44),
    ]);
    expect([...rankNorms(f32(3e30, 4e30), [1, 2], { over: 'inputs' }).norms]).toEqual([...f32(5e30)]);
    expect([...rankNorms(f32(Number.NEGATIVE_INFINITY, 1), [1, 2], { over: 'inputs' }).norms]).toEqual([
      Infinity,
    ]);
  });

  test('an empty matrix has norms of 0', () => {
    expect(rankNorms(f32(), [3, 0], { over: 'inputs' })).toEqual({
      norms: f32(0, 0, 0),
      ranking: Uint32Array.of(0, 1, 2),
    });
    expect(rankNorms(f32(), [3, 0], { over: 'outputs' }).norms).toHaveLength(0);
  });

  test('agrees with plain sums, whatever the shape', () => {
    const cases = fc
      .tuple(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 70 }))
      .chain(([inputs, outputs]) =>
        fc.tuple(
          fc.constant([inputs, outputs] as const),
          fc.array(fc.integer({ min: -9, max: 9 }), {
            minLength: inputs * outputs,
            maxLength: inputs * outputs,
          }),
        ),
      );
    fc.assert(
      fc.property(cases, fc.constantFrom(1, 2, Number.POSITIVE_INFINITY), ([shape, list], order) => {
        const of = (over: 'inputs' | 'outputs', i: number) =>
          list
            .filter((_, at) => (over === 'inputs' ? Math.floor(at / shape[1]) : at % shape[1]) === i)
            .map(Math.abs);
        const norm = (values: number[]) => {
          if (order === 1) return values.reduce((a, b) => a + b, 0);
          return order === 2 ? Math.sqrt(values.reduce((a, b) => a + b * b, 0)) : Math.max(...values);
        };
        for (const over of ['inputs', 'outputs'] as const) {
          const { norms, ranking } = rankNorms(Float32Array.from(list), shape, { over, order: order as 1 });
          // Sums of small whole numbers are exact in any order, so equality is meant.
          expect([...norms]).toEqual([...norms].map((_, i) => Math.fround(norm(of(over, i)))));
          const stable = [...norms.keys()].sort((a, b) => norms[a]! - norms[b]! || a - b);
          expect([...ranking]).toEqual(stable);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('ranks many blocks stably', () => {
    const values = Float32Array.from(
      { length: 30_000 },
      (_, i) => ((i * 7919) % 1000) * (i % 2 ? 1e-3 : 1e3),
    );
    const { norms, ranking } = rankNorms(values, [300, 100], { over: { inputs: 1, outputs: 1 }, order: 1 });
    expect(norms).toEqual(values);
    expect([...ranking]).toEqual([...values.keys()].sort((a, b) => values[a]! - values[b]! || a - b));
  });

  test('gives the same on any number of threads', () => {
    const shape = [500, 2100] as const;
    const values = Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => Math.sin(i * 1.3));
    for (const over of ['inputs', 'outputs', { inputs: 3, outputs: 70 }] as const) {
      for (const order of [1, 2, Number.POSITIVE_INFINITY] as const) {
        const alone = rankNorms(values, shape, { over, order });
        expect(rankNorms(values, shape, { over, order, threads: 3 })).toEqual(alone);
      }
    }
    const none = { over: 'inputs', threads: 0 } as const;
    expect(failure(() => rankNorms(values, shape, none)).code).toBe('ERR_SPARSE_OPTION');
  });

  test('refuses a NaN wherever it stands, in every order', () => {
    for (const at of [0, 17, 1233, 1999])
      for (const over of ['inputs', 'outputs', { inputs: 3, outputs: 7 }] as const)
        for (const order of [1, 2, Number.POSITIVE_INFINITY] as const) {
          const values = new Float32Array(2000).fill(Number.POSITIVE_INFINITY, 3, 5);
          values[at] = Number.NaN;
          const received = failure(() => rankNorms(values, [40, 50], { over, order }));
          expect(received).toMatchObject({ code: 'ERR_SPARSE_NAN', received: at });
        }
  });

  test('refuses NaN and what does not fit', () => {
    const rank = (values: Float32Array, shape: readonly number[], options: unknown) =>
      failure(() => rankNorms(values, shape as [number, number], options as { over: 'inputs' }));
    expect(rank(f32(1, Number.NaN), [1, 2], { over: 'inputs' })).toMatchObject({
      code: 'ERR_SPARSE_NAN',
      tensor: 'values',
      received: 1,
    });
    expect(rank(weights, [2, 2], { over: 'inputs' }).code).toBe('ERR_SPARSE_SHAPE');
    expect(rank(weights, [6], { over: 'inputs' }).code).toBe('ERR_SPARSE_SHAPE');
    expect(rank(weights, [2, 3], { over: 'rows' }).code).toBe('ERR_SPARSE_OPTION');
    expect(rank(weights, [2, 3], undefined).code).toBe('ERR_SPARSE_OPTION');
    expect(rank(weights, [2, 3], { over: 'inputs', order: 3 }).code).toBe('ERR_SPARSE_OPTION');
    expect(rank(weights, [2, 3], { over: { inputs: 0, outputs: 1 } }).code).toBe('ERR_SPARSE_OPTION');
  });
});

describe('selectThreshold and selectMagnitude', () => {
  test('give the k-th smallest', () => {
    const values = f32(0.1, -0.2, 0.3, -0.4, 0.5);
    expect([1, 2, 5].map((k) => selectThreshold(values, k))).toEqual([...f32(-0.4, -0.2, 0.5)]);
    expect([1, 2, 4].map((k) => selectMagnitude(values, k))).toEqual([...f32(0.1, 0.2, 0.4)]);
    expect(Object.is(selectThreshold(f32(-0, 0), 1), 0)).toBe(true);
  });

  test('agree with a sort on any values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 500 }),
        fc.nat(),
        (list, at) => {
          const values = Float32Array.from(list);
          const k = (at % values.length) + 1;
          expect(selectThreshold(values, k) === values.toSorted()[k - 1]!).toBe(true);
          expect(selectMagnitude(values, k) === values.map(Math.abs).toSorted()[k - 1]!).toBe(true);
        },
      ),
    );
  });

  test('give the same on any number of threads', () => {
    const values = Float32Array.from({ length: 400_001 }, (_, i) => Math.cos(i * 1.7));
    const sorted = values.toSorted();
    for (const k of [1, 40_000, 400_001]) {
      expect(selectThreshold(values, k, { threads: 2 })).toBe(sorted[k - 1]);
      expect(selectThreshold(values, k)).toBe(sorted[k - 1]);
      expect(selectMagnitude(values, k, { threads: 2 })).toBe(selectMagnitude(values, k));
    }
    expect(failure(() => selectThreshold(values, 1, { threads: 1.5 })).code).toBe('ERR_SPARSE_OPTION');
  });

  test('refuse ranks out of range and NaN', () => {
    for (const k of [0, 4, 1.5, Number.NaN]) {
      expect(failure(() => selectThreshold(f32(1, 2, 3), k)).code).toBe('ERR_SPARSE_OPTION');
    }
    expect(failure(() => selectThreshold(f32(), 1)).code).toBe('ERR_SPARSE_OPTION');
    expect(failure(() => selectThreshold(f32(1), '1' as unknown as number)).code).toBe('ERR_SPARSE_ARGUMENT');
    const values = new Float32Array(20_000);
    values[17_000] = Number.NaN;
    expect(failure(() => selectMagnitude(values, 5))).toMatchObject({
      code: 'ERR_SPARSE_NAN',
      received: 17_000,
    });
    expect(failure(() => selectThreshold(values, 5)).tensor).toBe('scores');
  });
});
