import { describe, expect, it } from 'vitest';
import type { SparseError } from '../../../lib/errors.ts';
import { plainActivations } from '../../../lib/plan/activations.ts';
import type { PlanActivation } from '../../../lib/plan/plan.ts';
import type { Activation } from '../../../lib/sparse/activation.ts';
import { CsrMatrix } from '../../../lib/sparse/csr.ts';
import type { MatmulOptions } from '../../../lib/sparse/matmul-call.ts';
import { Random } from '../../helpers/random.ts';
import { prunedKernel } from '../../helpers/random-plan.ts';
import { activate } from '../../helpers/reference-plan.ts';
import { bits, relativeDifference } from '../../helpers/sessions.ts';
import { storedWeight } from '../../helpers/stored-weight.ts';
import { failure } from './failure.ts';

const f32 = (...values: number[]) => Float32Array.from(values);

/** x [m, k] · W [n, k]ᵀ + bias in float64. */
function naive(
  x: Float32Array,
  weight: Float32Array,
  [m, n, k]: [number, number, number],
  bias?: Float32Array,
): Float64Array {
  const y = new Float64Array(m * n);
  for (let row = 0; row < m; row++) {
    for (let i = 0; i < n; i++) {
      let sum = bias?.[i] ?? 0;
      for (let j = 0; j < k; j++) if (weight[i * k + j] !== 0) sum += x[row * k + j]! * weight[i * k + j]!;
      y[row * n + i] = sum;
    }
  }
  return y;
}

/** A pruned weight [n, k]. */
function prunedWeight(random: Random, n: number, k: number): Float32Array {
  return prunedKernel(random, n, k, { sparsity: random.pick([0, 0.5, 0.9, 0.99]), block: 1 });
}

const activations: Activation[] = [
  ...plainActivations,
  { type: 'leakyRelu', alpha: 0.2 },
  { type: 'thresholdedRelu', alpha: 0.4 },
  { type: 'hardSwish', alpha: 0.2 },
  { type: 'clamp', min: -0.25, max: 0.5 },
  { type: 'clamp', min: Number.NEGATIVE_INFINITY, max: 0 },
];

describe('matmul', () => {
  it('multiplies by the transpose and adds the bias', () => {
    const csr = CsrMatrix.fromDense(f32(1, 0, 2, 0, -3, 0), 2, 3);
    expect([...csr.matmul(f32(1, 10, 100), 1)]).toEqual([201, -30]);
    expect([...csr.matmul(f32(1, 10, 100), 1, { bias: f32(0.5, 1) })]).toEqual([201.5, -29]);
    expect([...csr.matmul(f32(1, 10, 100, 2, 1, 0), 2, { activation: 'relu' })]).toEqual([201, 0, 2, 0]);
  });

  it('equals the naive product, whatever the sizes', () => {
    const random = new Random();
    for (let i = 0; i < 60; i++) {
      const [n, k] = [random.integer(1, 70), random.pick([1, 2, 31, 32, 33, random.integer(1, 700)])];
      const weight = prunedWeight(random, n, k);
      const csr = CsrMatrix.fromDense(weight, n, k);
      const bias = random.floats(n);
      for (const m of [1, 2, 3, 7, 8, 16, 17, 64, 65]) {
        const x = random.floats(m * k);
        const what = `SEED=${random.seed}, ${n} x ${k}, m ${m}`;
        const y = csr.matmul(x, m);
        expect(relativeDifference(y, naive(x, weight, [m, n, k])), what).toBeLessThan(1e-5);
        const withBias = csr.matmul(x, m, { bias });
        expect(relativeDifference(withBias, naive(x, weight, [m, n, k], bias)), what).toBeLessThan(1e-5);
        // A bias of one call is not remembered.
        expect(bits(csr.matmul(x, m))).toEqual(bits(y));
      }
    }
  });

  it.each(activations)('applies %j as the reference does', (activation) => {
    const random = new Random();
    const plan = (typeof activation === 'string' ? { type: activation } : activation) as PlanActivation;
    const [n, k] = [37, 90];
    const weight = prunedWeight(random, n, k);
    const csr = CsrMatrix.fromDense(weight, n, k);
    const bias = random.floats(n);
    for (const m of [1, 5, 32]) {
      const x = random.floats(m * k, 2);
      const expected = naive(x, weight, [m, n, k], bias).map((value) => activate(value, plan));
      const what = `SEED=${random.seed}, m ${m}`;
      expect(relativeDifference(csr.matmul(x, m, { bias, activation }), expected), what).toBeLessThan(1e-5);
    }
  });

  it.each(['bfloat16', 'int8'] as const)('keeps its values as %s when that is asked for', (storage) => {
    const random = new Random();
    const [n, k] = [50, 120];
    const weight = prunedWeight(random, n, k);
    const csr = CsrMatrix.fromDense(weight, n, k);
    const stored = storedWeight(weight, n, k, storage);
    for (const m of [1, 5, 32]) {
      const x = random.floats(m * k);
      const what = `SEED=${random.seed}, m ${m}`;
      const before = csr.matmul(x, m);
      const y = csr.matmul(x, m, { storage });
      expect(relativeDifference(y, naive(x, stored, [m, n, k])), what).toBeLessThan(1e-5);
      expect(bits(csr.matmul(x, m)), what).toEqual(bits(before));
    }
  });

  it('refuses values that int8 cannot hold, and a storage that it does not know', () => {
    const csr = CsrMatrix.fromDense(f32(1, Number.NaN), 1, 2);
    expect(failure(() => csr.matmul(f32(1, 1), 1, { storage: 'int8' })).code).toBe('ERR_SPARSE_STORAGE');
    expect(csr.matmul(f32(1, 1), 1, { storage: 'bfloat16' })[0]).toBeNaN();
    expect(failure(() => csr.matmul(f32(1, 1), 1, { storage: 'half' as never })).code).toBe(
      'ERR_SPARSE_OPTION',
    );
  });

  it('fills out and returns it', () => {
    const csr = CsrMatrix.fromDense(f32(1, 2), 1, 2);
    const memory = f32(5, 6, 7, 8, 9, 9);
    const out = memory.subarray(4);
    expect(csr.matmul(memory.subarray(0, 4), 2, { out })).toBe(out);
    expect([...memory]).toEqual([5, 6, 7, 8, 17, 23]);
  });

  it('gives the same bits on any number of threads', () => {
    const random = new Random();
    const [n, k, m] = [300, 400, 70];
    const csr = CsrMatrix.fromDense(prunedKernel(random, n, k, { sparsity: 0.7, block: 1 }), n, k);
    const x = random.floats(m * k);
    for (const rows of [1, m]) {
      const expected = bits(csr.matmul(x.slice(0, rows * k), rows));
      for (const threads of [2, 3, 256])
        expect(bits(csr.matmul(x.slice(0, rows * k), rows, { threads })), `${threads}`).toEqual(expected);
    }
  });

  it('has a result for every size, 0 among them', () => {
    const empty = (rows: number, cols: number) => CsrMatrix.fromDense(new Float32Array(0), rows, cols);
    expect(CsrMatrix.fromDense(f32(1, 2), 1, 2).matmul(f32(), 0)).toEqual(f32());
    for (const m of [0, 1, 2, 20]) {
      expect(empty(0, 0).matmul(f32(), m)).toEqual(f32());
      expect(empty(0, 4).matmul(new Float32Array(4 * m), m)).toEqual(f32());
      expect(empty(3, 0).matmul(f32(), m)).toEqual(new Float32Array(3 * m));
      const bias = f32(1, -2, 3);
      const y = empty(3, 0).matmul(f32(), m, { bias, activation: 'relu' });
      expect([...y]).toEqual(Array.from({ length: m }, () => [1, 0, 3]).flat());
    }
    const zeros = CsrMatrix.fromDense(new Float32Array(40 * 50), 40, 50);
    for (const m of [1, 2, 20])
      expect(zeros.matmul(new Float32Array(50 * m).fill(7), m)).toEqual(new Float32Array(40 * m));
  });

  it('multiplies by stored zeros, duplicates of nothing, and rows without entries', () => {
    const csr = CsrMatrix.fromParts({
      rows: 4,
      cols: 3,
      rowOffsets: Int32Array.of(0, 2, 2, 3, 3),
      colIndices: Int32Array.of(0, 2, 1),
      values: f32(0, 2, -1),
    });
    expect([...csr.matmul(f32(9, 1, 3), 1)]).toEqual([6, 0, -1, 0]);
    expect([...csr.matmul(f32(9, 1, 3, 1, 1, 1), 2)]).toEqual([6, 0, -1, 0, 2, 0, -1, 0]);
  });

  it('keeps values that are not finite away from outputs without a weight for them', () => {
    const random = new Random();
    const [n, k] = [33, 64];
    const weight = prunedKernel(random, n, k, { sparsity: 0.8, block: 1 });
    const csr = CsrMatrix.fromDense(weight, n, k);
    for (const m of [1, 4, 16]) {
      const x = random.floats(m * k);
      const [row, input] = [random.integer(0, m - 1), random.integer(0, k - 1)];
      x[row * k + input] = random.pick([Number.NaN, Number.POSITIVE_INFINITY]);
      const y = csr.matmul(x, m);
      for (let i = 0; i < y.length; i++) {
        const isReached = Math.floor(i / n) === row && weight[(i % n) * k + input] !== 0;
        expect(!Number.isFinite(y[i]), `SEED=${random.seed}, m ${m}, output ${i}`).toBe(isReached);
      }
    }
  });

  it('takes a matrix that would be far too large as a dense one', () => {
    const random = new Random();
    const [rows, cols, perRow] = [200_000, 50_000, 5];
    const rowOffsets = Int32Array.from({ length: rows + 1 }, (_, row) => row * perRow);
    const colIndices = new Int32Array(rows * perRow);
    for (let row = 0; row < rows; row++) {
      const drawn = new Set<number>();
      while (drawn.size < perRow) drawn.add(random.integer(0, cols - 1));
      colIndices.set(
        [...drawn].sort((a, b) => a - b),
        row * perRow,
      );
    }
    const values = random.floats(rows * perRow);
    const csr = CsrMatrix.fromParts({ rows, cols, rowOffsets, colIndices, values });
    const bytesBefore = process.memoryUsage().rss;
    for (const m of [1, 3]) {
      const x = random.floats(m * cols);
      const y = csr.matmul(x, m);
      for (let i = 0; i < 1000; i++) {
        const [at, row] = [random.integer(0, m - 1), random.integer(0, rows - 1)];
        let sum = 0;
        for (let p = row * perRow; p < (row + 1) * perRow; p++)
          sum += x[at * cols + colIndices[p]!]! * values[p]!;
        expect(y[at * rows + row]).toBeCloseTo(sum, 4);
      }
    }
    // Dense it would take 40 GB.
    expect(process.memoryUsage().rss - bytesBefore).toBeLessThan(1e9);
  });
});

const refused: [string, (csr: CsrMatrix) => unknown, Partial<SparseError>][] = [
  [
    'a short x',
    (c) => c.matmul(f32(1, 2), 1),
    { code: 'ERR_SPARSE_SHAPE', tensor: 'x', expected: 3, received: 2 },
  ],
  [
    'another m',
    (c) => c.matmul(f32(1, 2, 3), 2),
    { code: 'ERR_SPARSE_SHAPE', tensor: 'x', expected: 6, received: 3 },
  ],
  ['no m', (c) => c.matmul(f32(1, 2, 3), undefined as never), { code: 'ERR_SPARSE_ARGUMENT', tensor: 'm' }],
  ['m of -1', (c) => c.matmul(f32(), -1), { code: 'ERR_SPARSE_OPTION', tensor: 'm', received: -1 }],
  ['m of NaN', (c) => c.matmul(f32(), Number.NaN), { code: 'ERR_SPARSE_OPTION', tensor: 'm' }],
  ['m of 0.5', (c) => c.matmul(f32(), 0.5), { code: 'ERR_SPARSE_OPTION', tensor: 'm' }],
  ['m of 2^53', (c) => c.matmul(f32(), 2 ** 53), { code: 'ERR_SPARSE_OPTION', tensor: 'm' }],
  [
    'Float64Array',
    (c) => c.matmul(new Float64Array(3) as never, 1),
    { code: 'ERR_SPARSE_DTYPE', tensor: 'x', expected: 'Float32Array', received: 'Float64Array' },
  ],
  [
    'shared memory',
    (c) => c.matmul(new Float32Array(new SharedArrayBuffer(12)), 1),
    { code: 'ERR_SPARSE_BUFFER', tensor: 'x' },
  ],
  [
    'a list',
    (c) => c.matmul([1, 2, 3] as never, 1),
    { code: 'ERR_SPARSE_ARGUMENT', tensor: 'x', received: 'Array' },
  ],
  ...(
    [
      [
        'a short bias',
        { bias: f32(1) },
        { code: 'ERR_SPARSE_SHAPE', tensor: 'bias', expected: 2, received: 1 },
      ],
      [
        'a bias of another type',
        { bias: new Int32Array(2) as never },
        { code: 'ERR_SPARSE_DTYPE', tensor: 'bias' },
      ],
      ['a short out', { out: f32(1) }, { code: 'ERR_SPARSE_SHAPE', tensor: 'out', expected: 2, received: 1 }],
      ['0 threads', { threads: 0 }, { code: 'ERR_SPARSE_OPTION', tensor: 'threads', received: 0 }],
      ['257 threads', { threads: 257 }, { code: 'ERR_SPARSE_OPTION', tensor: 'threads' }],
      [
        'a misspelt option',
        { activaton: 'relu' } as object,
        { code: 'ERR_SPARSE_OPTION', tensor: 'activaton', received: 'activaton' },
      ],
      [
        'an unknown activation',
        { activation: 'Relu' as never },
        { code: 'ERR_SPARSE_OPTION', tensor: 'activation', received: 'Relu' },
      ],
      [
        'an activation that is a number',
        { activation: 3 as never },
        { code: 'ERR_SPARSE_OPTION', tensor: 'activation' },
      ],
      [
        'leakyRelu without alpha',
        { activation: { type: 'leakyRelu' } as never },
        { code: 'ERR_SPARSE_OPTION', tensor: 'activation', received: undefined },
      ],
      [
        'clamp with NaN',
        { activation: { type: 'clamp', min: Number.NaN, max: 1 } },
        { code: 'ERR_SPARSE_OPTION', tensor: 'activation' },
      ],
      [
        'clamp upside down',
        { activation: { type: 'clamp', min: 2, max: 1 } },
        { code: 'ERR_SPARSE_OPTION', tensor: 'activation' },
      ],
    ] as [string, MatmulOptions, Partial<SparseError>][]
  ).map(([title, options, facts]): [string, (csr: CsrMatrix) => unknown, Partial<SparseError>] => [
    title,
    (csr) => csr.matmul(f32(1, 2, 3), 1, options),
    facts,
  ]),
  [
    'out over x',
    (c) => {
      const x = f32(1, 2, 3);
      return c.matmul(x, 1, { out: x.subarray(1) });
    },
    { code: 'ERR_SPARSE_BUFFER', tensor: 'out', received: 'overlapping memory' },
  ],
];

describe('matmul refuses', () => {
  it.each(refused)('%s', (_title, run, facts) => {
    const error = failure(() => run(CsrMatrix.fromDense(f32(1, 2, 3, 4, 5, 6), 2, 3)));
    expect(error).toMatchObject(facts);
    expect(error.message).toMatch(/^CsrMatrix\.matmul: .+\.( .+[.?])?$/);
  });
});
