import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SparseError } from '../../../lib/errors.ts';
import { applyMask, buildMask, computeMask, magnitudeMask } from '../../../lib/sparse/masks.ts';
import type { Structure } from '../../../lib/sparse/structure.ts';
import { failure } from './failure.ts';

const f32 = (...values: number[]) => Float32Array.from(values);
const magnitudes = (values: ArrayLike<number>) => Float32Array.from(values, Math.abs);
const ones = (mask: Uint8Array) => mask.reduce((sum, bit) => sum + bit, 0);
const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../golden/${name}.json`, import.meta.url), 'utf8')).cases;

/** Positions by falling score, the lower one first among equals. */
function falling(scores: ArrayLike<number>): number[] {
  return Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
}

/** Few distinct values, so that most cases have ties. */
const tiedScores = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(-0)), {
  minLength: 1,
  maxLength: 200,
});
const anyScores = fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 300 });

describe('buildMask, exact', () => {
  test('keeps the lower index when scores tie', () => {
    expect([...buildMask(f32(1, 1, 1, 1, 2), [5], { sparsity: 0.4 })]).toEqual([1, 1, 0, 0, 1]);
    expect([...buildMask(f32(0, -0, 0), [3], { sparsity: 1 / 3 })]).toEqual([1, 1, 0]);
  });

  test('rounds the count half to even', () => {
    const counts = [5, 3, 7].map((n) => ones(buildMask(new Float32Array(n), [n], { sparsity: 0.5 })));
    expect(counts).toEqual([2, 2, 4]);
  });

  test('keeps at least one unless sparsity is 1', () => {
    expect([...buildMask(f32(1, 3, 2), [3], { sparsity: 0.999 })]).toEqual([0, 1, 0]);
    expect([...buildMask(f32(1, 3, 2), [3], { sparsity: 1 })]).toEqual([0, 0, 0]);
    expect([...buildMask(f32(1, 3, 2), [3], { sparsity: 0 })]).toEqual([1, 1, 1]);
    expect([...buildMask(f32(), [0, 4], { sparsity: 0.5 })]).toEqual([]);
  });

  test('ranks scores by value, magnitudeMask by absolute value', () => {
    const values = f32(-5, 1, 2, -3);
    expect([...buildMask(values, [4], { sparsity: 0.5 })]).toEqual([0, 1, 1, 0]);
    expect(magnitudeMask(values, { sparsity: 0.5 })).toEqual({
      mask: Uint8Array.of(1, 0, 0, 1),
      threshold: 3,
      kept: 2,
    });
  });

  test('keeps exactly the highest scores by index, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.oneof(tiedScores, anyScores),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (list, sparsity) => {
          const scores = Float32Array.from(list);
          const { mask, kept, threshold } = computeMask(scores, [scores.length], { sparsity });
          const order = falling(scores);
          expect(kept).toBe(ones(mask));
          const wanted = new Uint8Array(scores.length);
          for (const i of order.slice(0, kept)) wanted[i] = 1;
          expect(mask).toEqual(wanted);
          if (kept > 0) expect(threshold === scores[order[kept - 1]!]).toBe(true);
        },
      ),
    );
  });

  test('gives the same mask for magnitudes and for their scores on long arrays', () => {
    const values = Float32Array.from({ length: 50_000 }, (_, i) => Math.sin(i * i) * (i % 7 === 0 ? 0 : 1));
    const scores = magnitudes(values);
    const order = falling(scores);
    for (const sparsity of [0.1, 0.14, 0.5, 0.9, 0.999]) {
      const direct = magnitudeMask(values, { sparsity });
      expect(direct).toEqual(computeMask(scores, [50_000], { sparsity }));
      const wanted = new Uint8Array(values.length);
      for (const i of order.slice(0, direct.kept)) wanted[i] = 1;
      expect(Buffer.compare(direct.mask, wanted)).toBe(0);
    }
  });

  test('matches the golden exact masks', () => {
    const cases = golden('exact_topk');
    expect(cases.length).toBeGreaterThan(0);
    for (const { weights, sparsity, kept, mask } of cases) {
      const got = computeMask(magnitudes(weights.data), weights.shape, { sparsity });
      expect([...got.mask]).toEqual(mask.data);
      expect(got.kept).toBe(kept);
      expect([...magnitudeMask(f32(...weights.data), { sparsity }).mask]).toEqual(mask.data);
    }
  });
});

describe('out', () => {
  const structures: (Structure | undefined)[] = [
    undefined,
    { type: 'block', inputs: 2, outputs: 2 },
    { type: 'nm', keep: 1, of: 2 },
    { type: 'balanced', group: 4 },
    { type: 'input' },
    { type: 'output' },
  ];

  test('is filled, whatever stood there, and returned', () => {
    const scores = Float32Array.from({ length: 32 }, (_, i) => (i * 7) % 32);
    for (const structure of structures)
      for (const sparsity of [0, 0.5, 1]) {
        const out = new Uint8Array(32).fill(9);
        const options = { sparsity, structure };
        const got = buildMask(scores, [8, 4], { ...options, out });
        expect(got).toBe(out);
        expect(got).toEqual(buildMask(scores, [8, 4], options));
      }
    const out = new Uint8Array(32).fill(9);
    expect(magnitudeMask(scores, { sparsity: 0.9, out }).mask).toBe(out);
    expect(ones(out)).toBe(3);
  });

  test('must be a mask of the right length, in memory of its own', () => {
    const scores = new Float32Array(8);
    const build = (out: unknown) =>
      failure(() => buildMask(scores, [8], { sparsity: 0.5, out: out as Uint8Array }));
    expect(build(new Uint8Array(7))).toMatchObject({ code: 'ERR_SPARSE_SHAPE', tensor: 'out', expected: 8 });
    expect(build(new Float32Array(8))).toMatchObject({ code: 'ERR_SPARSE_DTYPE', tensor: 'out' });
    expect(build(new Uint8Array(scores.buffer, 0, 8))).toMatchObject({
      code: 'ERR_SPARSE_BUFFER',
      tensor: 'out',
      received: 'overlap with scores',
    });
  });

  test('is the same for any number of threads', () => {
    const values = Float32Array.from({ length: 2_200_003 }, (_, i) => Math.sin(i * i));
    for (const make of [
      (threads: number) => magnitudeMask(values, { sparsity: 0.9, threads }).mask,
      (threads: number) => buildMask(values, [values.length], { sparsity: 0.3, threads }),
    ]) {
      expect(Buffer.compare(make(1), make(3))).toBe(0);
    }
    const mask = magnitudeMask(values, { sparsity: 0.5 }).mask;
    const apply = (threads: number) => Buffer.from(applyMask(values, mask, { threads }).buffer);
    expect(apply(2).equals(apply(1))).toBe(true);
    const none = () => buildMask(values, [values.length], { sparsity: 0.5, threads: 0 });
    expect(failure(none)).toMatchObject({ code: 'ERR_SPARSE_OPTION', received: 0 });
  });

  test('gets the exact mask of an array long enough for one pass', () => {
    const values = Float32Array.from({ length: 2_100_001 }, (_, i) => Math.sin(i * i));
    const out = new Uint8Array(values.length).fill(9);
    const { kept, threshold } = magnitudeMask(values, { sparsity: 0.9, out });
    expect(kept).toBe(210_000);
    expect(threshold).toBe(magnitudes(values).sort()[values.length - kept]);
    let ties = 0;
    for (let i = 0; i < values.length; i++) {
      const magnitude = Math.abs(values[i]!);
      if (magnitude === threshold) ties++;
      else if (out[i] !== (magnitude > threshold! ? 1 : 0)) expect.fail(`mask[${i}] is ${out[i]}`);
    }
    expect(ones(out)).toBe(kept);
    expect(ties).toBeGreaterThan(0);
  });
});

describe('buildMask, other rules', () => {
  test('matches the golden masks of tfmot, ties and thresholds included', () => {
    const cases = golden('tfmot_mask');
    expect(cases.length).toBeGreaterThan(0);
    for (const { weights, sparsity, threshold, mask, kept } of cases) {
      const got = magnitudeMask(f32(...weights.data), { sparsity, compat: 'tfmot' });
      expect([...got.mask]).toEqual(mask.data);
      expect(got.threshold).toBe(Math.fround(threshold));
      expect(got.kept).toBe(kept);
    }
  });

  test('matches the golden block masks of tfmot, and throws where it throws', () => {
    const cases = golden('tfmot_block_mask');
    expect(cases.length).toBeGreaterThan(0);
    for (const c of cases) {
      const [inputs, outputs] = c.block_size;
      const pooling = c.block_pooling_type === 'AVG' ? 'avg' : 'max';
      const structure: Structure = { type: 'block', inputs, outputs, pooling };
      const options = { sparsity: c.sparsity, structure, compat: 'tfmot' } as const;
      const run = () => computeMask(magnitudes(c.weights.data), c.weights.shape, options);
      if (c.throws) {
        expect(run).toThrow(SparseError);
        continue;
      }
      const got = run();
      expect([...got.mask]).toEqual(c.mask.data);
      expect(Math.abs(got.threshold! - c.threshold)).toBeLessThanOrEqual(1e-5);
    }
  });

  test("starts tfmot's m by n groups anew at every tap of a convolution", () => {
    const structure: Structure = { type: 'nm', keep: 1, of: 2 };
    // Two taps of three input channels: groups are channels (0, 1) and (2) of each tap.
    const scores = f32(1, 2, 3, 6, 5, 4);
    const mask = (compat: 'exact' | 'tfmot') => [
      ...buildMask(scores, [2, 1, 3, 1], { sparsity: 0.5, structure, compat }),
    ];
    expect(mask('tfmot')).toEqual([0, 1, 1, 1, 0, 1]);
    expect(mask('exact')).toEqual([0, 1, 0, 1, 1, 0]);
  });

  test('counts and cuts as each tool does', () => {
    const scores = Float32Array.from({ length: 10 }, (_, i) => i + 1);
    const kept = (compat: 'torch' | 'openlth' | 'synflow', sparsity: number, values = scores) =>
      ones(buildMask(values, [values.length], { sparsity, compat }));
    expect(kept('torch', 0.25)).toBe(8); // round(2.5) = 2 pruned
    expect(kept('torch', 1)).toBe(0);
    expect(kept('openlth', 0.2)).toBe(7); // ceil(2) + 1 pruned
    expect(kept('synflow', 0.25)).toBe(8); // trunc(2.5) = 2 pruned
    expect(kept('synflow', 0.05)).toBe(10); // fewer than one: the mask stays
    const tied = f32(1, 1, 1, 2);
    expect(kept('torch', 0.5, tied)).toBe(2);
    expect(kept('openlth', 0.25, tied)).toBe(1);
    expect(kept('synflow', 0.25, tied)).toBe(1);
  });

  test('torch prunes whole channels by norm, the lower index kept on a tie', () => {
    const structure: Structure = { type: 'output', order: 1 };
    const mask = buildMask(f32(1, 5, 1, 1, 5, 1), [2, 3], { sparsity: 0.4, structure, compat: 'torch' });
    expect([...mask]).toEqual([1, 1, 0, 1, 1, 0]);
  });

  test('refuses what a rule does not know', () => {
    const scores = new Float32Array(16);
    const build = (
      compat: 'tfmot' | 'openlth' | 'synflow',
      structure: Structure,
      shape = [4, 4],
      sparsity = 0.5,
    ) => failure(() => buildMask(scores, shape, { sparsity, structure, compat })).code;
    expect(build('tfmot', { type: 'balanced' })).toBe('ERR_SPARSE_OPTION');
    expect(build('openlth', { type: 'output' })).toBe('ERR_SPARSE_OPTION');
    expect(build('synflow', { type: 'nm', keep: 2, of: 4 })).toBe('ERR_SPARSE_OPTION');
    expect(build('tfmot', { type: 'nm', keep: 2, of: 4 }, [2, 4, 2])).toBe('ERR_SPARSE_SHAPE');
    expect(build('openlth', { type: 'unstructured' }, [16], 1)).toBe('ERR_SPARSE_OPTION');
  });
});

describe('bad input', () => {
  const scores = f32(1, 2, 3, 4);

  test('names the first NaN and the tensor', () => {
    const values = f32(1, 2, Number.NaN, Number.NaN);
    for (const sparsity of [0, 0.5, 1]) {
      const error = failure(() => buildMask(values, [4], { sparsity }));
      expect(error).toMatchObject({ code: 'ERR_SPARSE_NAN', tensor: 'scores', received: 2 });
      expect(error.message).toContain('scores[2] is NaN');
    }
    const structure: Structure = { type: 'block', inputs: 2, outputs: 1 };
    expect(failure(() => buildMask(values, [2, 2], { sparsity: 0.5, structure })).code).toBe(
      'ERR_SPARSE_NAN',
    );
    expect(failure(() => magnitudeMask(values, { sparsity: 0.5 }, 'dense/kernel')).tensor).toBe(
      'dense/kernel',
    );
  });

  test.each([Number.NaN, -0.1, 1.1, Number.POSITIVE_INFINITY])('refuses sparsity %d', (sparsity) => {
    expect(failure(() => buildMask(scores, [4], { sparsity })).code).toBe('ERR_SPARSE_OPTION');
  });

  test('refuses wrong types, lengths, shapes and options', () => {
    const build = (values: unknown, shape: unknown, options: unknown) =>
      failure(() => buildMask(values as Float32Array, shape as number[], options as { sparsity: number }))
        .code;
    expect(build(new Float64Array(4), [4], { sparsity: 0.5 })).toBe('ERR_SPARSE_DTYPE');
    expect(build([1, 2, 3, 4], [4], { sparsity: 0.5 })).toBe('ERR_SPARSE_ARGUMENT');
    expect(build(scores, [5], { sparsity: 0.5 })).toBe('ERR_SPARSE_SHAPE');
    expect(build(scores, '4', { sparsity: 0.5 })).toBe('ERR_SPARSE_SHAPE');
    expect(build(scores, [2 ** 16, 2 ** 16], { sparsity: 0.5 })).toBe('ERR_SPARSE_SHAPE');
    expect(build(scores, [4], undefined)).toBe('ERR_SPARSE_ARGUMENT');
    expect(build(scores, [4], { sparsity: '0.5' })).toBe('ERR_SPARSE_ARGUMENT');
    expect(build(scores, [4], { sparsity: 0.5, compatible: 'tfmot' })).toBe('ERR_SPARSE_OPTION');
    expect(build(scores, [4], { sparsity: 0.5, compat: 'keras' })).toBe('ERR_SPARSE_OPTION');
    expect(build(scores, [4], { sparsity: 0.5, structure: { type: 'blocks' } })).toBe('ERR_SPARSE_OPTION');
    expect(build(scores, [4], { sparsity: 0.5, structure: { type: 'output' } })).toBe('ERR_SPARSE_SHAPE');
    expect(build(scores, [2, 2], { sparsity: 0.5, structure: { type: 'nm', keep: 5, of: 4 } })).toBe(
      'ERR_SPARSE_OPTION',
    );
    expect(build(scores, [2, 2], { sparsity: 0.5, structure: { type: 'nm', n: 2, of: 4 } })).toBe(
      'ERR_SPARSE_OPTION',
    );
  });

  test('refuses detached, shared and resizable buffers', () => {
    const detached = f32(1, 2);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    const shared = new Float32Array(new SharedArrayBuffer(8));
    const Resizable = ArrayBuffer as unknown as new (
      length: number,
      options: { maxByteLength: number },
    ) => ArrayBuffer;
    const resizable = new Float32Array(new Resizable(8, { maxByteLength: 16 }));
    for (const values of [detached, shared, resizable]) {
      const error = failure(() => buildMask(values as Float32Array, [values.length], { sparsity: 0.5 }));
      expect(error).toMatchObject({ code: 'ERR_SPARSE_BUFFER', tensor: 'scores' });
    }
  });
});

describe('applyMask', () => {
  test('selects: NaN and Infinity under a 0 become +0', () => {
    const values = f32(1, Number.NaN, Number.POSITIVE_INFINITY, -2, Number.NaN);
    const out = applyMask(values, Uint8Array.of(1, 0, 0, 0, 1));
    expect([...out]).toEqual([1, 0, 0, 0, Number.NaN]);
    expect(Object.is(out[3], 0)).toBe(true);
    expect(values[1]).toBeNaN();
  });

  test('fills out, or the values themselves', () => {
    const values = Float32Array.from({ length: 1003 }, (_, i) => i + 1);
    const mask = Uint8Array.from(values, (_, i) => (i % 3 === 0 ? 255 : 0));
    const wanted = values.map((v, i) => (i % 3 === 0 ? v : 0));
    const out = new Float32Array(1003).fill(9);
    expect(applyMask(values, mask, { out })).toBe(out);
    expect(out).toEqual(wanted);
    expect(applyMask(values, mask, { out: values })).toBe(values);
    expect(values).toEqual(wanted);
  });

  test('refuses wrong lengths, types and overlapping memory', () => {
    const buffer = new ArrayBuffer(64);
    const values = new Float32Array(buffer, 0, 4);
    const apply = (mask: unknown, out?: Float32Array) =>
      failure(() => applyMask(values, mask as Uint8Array, { out })).code;
    const mask = new Uint8Array(4);
    expect(apply(new Uint8Array(3))).toBe('ERR_SPARSE_SHAPE');
    expect(apply(new Uint8ClampedArray(4))).toBe('ERR_SPARSE_DTYPE');
    expect(apply(mask, new Float32Array(5))).toBe('ERR_SPARSE_SHAPE');
    expect(apply(mask, new Float32Array(buffer, 4, 4))).toBe('ERR_SPARSE_BUFFER');
    expect(apply(new Uint8Array(buffer, 40, 4), new Float32Array(buffer, 32, 4))).toBe('ERR_SPARSE_BUFFER');
  });
});
