import { describe, expect, it } from 'vitest';
import { nativeInfo } from '../../../lib/native/info.ts';
import { PlanBuilder } from '../../../lib/plan/builder.ts';
import { emitDense } from '../../../lib/plan/emit/dense.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { Random } from '../../helpers/random.ts';
import { prunedKernel, randomPlan } from '../../helpers/random-plan.ts';
import { sessionOf } from '../../helpers/sessions.ts';

const random = new Random();

function dense(n: number, k: number, sparsity: number, block = 1): Plan {
  const plan = new PlanBuilder();
  const kernel = prunedKernel(random, k, n, { sparsity, block });
  plan.output('y', emitDense(plan, 'layer', plan.input('x', [k]), { kernel, outputs: n }));
  return plan.finish();
}

describe('describe', () => {
  it('gives a finite estimate, a kernel and a reason for every step that computes', () => {
    for (let i = 0; i < 40; i++) {
      const plan = randomPlan(random, {
        sparsity: random.pick([0, 0.5, 0.9]),
        block: random.pick([1, 2, 4, 8]),
      });
      const session = sessionOf(plan, { batch: random.pick([[1], [16], [1, 16]]), tune: i % 8 === 0 });
      for (const batch of [1, 4, 100]) {
        const { steps, isa, threads, arenaBytes, weightBytes } = session.describe(batch);
        expect({ isa, threads }).toEqual({ isa: nativeInfo().isa, threads: 1 });
        expect(arenaBytes).toBeGreaterThan(0);
        expect(weightBytes).toBe(steps.reduce((sum, step) => sum + step.bytes, 0));
        expect(steps.length).toBe(plan.steps.filter((step) => step.op !== 'alias').length);
        for (const step of steps) {
          const what = `SEED=${random.seed}, plan ${i}, ${JSON.stringify(step)}`;
          expect(Number.isFinite(step.estimateUs) && step.estimateUs >= 0, what).toBe(true);
          for (const size of [step.m, step.n, step.k])
            expect(Number.isInteger(size) && size > 0, what).toBe(true);
          expect(step.density >= 0 && step.density <= 1, what).toBe(true);
          expect(step.kernel, what).toMatch(/^[a-z0-9_]+__(scalar|avx2_fma|avx512|neon)$/);
          expect(step.reason, what).toMatch(/\w/);
          expect(step.layer, what).toMatch(/\w/);
        }
      }
    }
  });

  it('measures every step in a profile, and says the rest as without one', () => {
    const session = sessionOf(randomPlan(random, { sparsity: 0.5, block: 1 }));
    const { steps, ...others } = session.describe(4);
    const { steps: measured, ...same } = session.profile(4, 2);
    expect(same).toEqual(others);
    expect(measured.map(({ measuredUs: _, ...step }) => step)).toEqual(steps);
    for (const { measuredUs } of measured) expect(measuredUs).toBeGreaterThanOrEqual(0);
    for (const wrong of [0, 1.5, Number.NaN])
      expect(() => session.profile(1, wrong)).toThrowError(/profile: repeats/);
  });

  it('prints a session, with the times of a profile, and of no other session', () => {
    const session = sessionOf(randomPlan(random, { sparsity: 0.5, block: 1 }));
    const { steps } = session.describe();
    const [text, timed] = [session.format(), session.format(session.profile(4, 2))].map((all) =>
      all.split('\n'),
    );
    for (const { op } of steps) {
      expect(text!.some((line) => line.includes(op))).toBe(true);
      expect(timed!.some((line) => line.includes(op) && line.endsWith(' %'))).toBe(true);
    }
    expect(text).not.toContain('slowest steps');
    // A plan of aliases alone runs no step.
    expect(timed!.includes('slowest steps')).toBe(steps.length > 0);
    const other = sessionOf(dense(3, 4, 0)).describe();
    for (const wrong of [other, null, {}, 'text'])
      expect(() => session.format(wrong as never)).toThrow(
        expect.objectContaining({ code: 'ERR_SPARSE_ARGUMENT', tensor: 'description' }),
      );
  });

  it('counts the zeros', () => {
    const plan = dense(64, 128, 0.9);
    const { data } = Object.values(plan.tensors)[0]!;
    const density = data.filter((value) => value !== 0).length / data.length;
    expect(sessionOf(plan).describe().steps[0]).toMatchObject({ m: 1, n: 64, k: 128, density });
  });

  it.each([1, 16, 64])('says which kernel runs and that it is the fastest, batch %i', (batch) => {
    for (const [sparsity, block] of [
      [0, 1],
      [0.5, 1],
      [0.9, 1],
      [0.9, 4],
      [0.99, 1],
    ] as const) {
      const [step] = sessionOf(dense(256, 512, sparsity, block), { batch: [1, batch] }).describe(batch).steps;
      const isSparse = /_(csr|bsr|slices|window)_/.test(step!.kernel);
      if (sparsity >= 0.9) expect(isSparse, step!.reason).toBe(true);
      // `0.51 us` of the chosen one, then the others in brackets.
      const times = [...step!.reason.matchAll(/(\d+(?:\.\d+)?)(?= us|[,)])/g)].map((match) =>
        Number(match[1]),
      );
      expect(times.length, step!.reason).toBeGreaterThan(1);
      expect(times[0], step!.reason).toBe(Math.min(...times));
    }
  });

  it.each([
    ['always', 0.5, true],
    ['always', 0, false],
    ['never', 0.9, false],
  ] as const)('shows that sparse %s was obeyed at sparsity %d', (sparse, sparsity, isSparse) => {
    const session = sessionOf(dense(64, 96, sparsity), { sparse });
    for (const batch of [1, 16])
      expect(/_(csr|bsr|slices|window)_/.test(session.describe(batch).steps[0]!.kernel)).toBe(isSparse);
  });

  it('says how the threads share each product, and nothing of other steps', () => {
    const plan = dense(2000, 300, 0.5);
    const division = (threads: number, batch: number) =>
      sessionOf(plan, { threads, batch: [batch] }).describe().steps[0]!.division!;
    expect(division(1, 64)).toEqual({ outputs: 1, columns: 1, reason: 'a run has one thread' });
    const few = division(2, 8);
    expect(few.outputs, few.reason).toBeGreaterThan(1);
    expect(few.columns, few.reason).toBe(1);
    const many = division(2, 1000);
    expect(many.columns, many.reason).toBeGreaterThan(1);
    const small = sessionOf(dense(20, 30, 0.5), { threads: 2 }).describe(4).steps[0]!.division!;
    expect(small).toMatchObject({ outputs: 1, columns: 1 });
    expect(small.reason).toMatch(/^\d+ multiply-adds, fewer than \d+$/);
    const session = sessionOf(plan, { threads: 2 });
    expect(
      session
        .format(session.describe(8))
        .split('\n')
        .some((line) => / \d+ outputs$/.test(line)),
    ).toBe(true);
    for (const step of sessionOf(randomPlan(random, { sparsity: 0.5, block: 1 })).describe().steps)
      expect(step.division !== undefined, step.op).toBe(/^(matmul|conv2d|recurrence)$/.test(step.op));
  });

  it('is of the first batch size that was planned for, unless asked', () => {
    const session = sessionOf(dense(8, 40, 0.5), { batch: [7, 1] });
    expect(session.describe().steps[0]!.m).toBe(7);
    expect(session.describe(3).steps[0]!.m).toBe(3);
  });

  it('has measured times where the session was tuned', () => {
    const plan = dense(32, 64, 0.5);
    const [tuned] = sessionOf(plan, { tune: true, batch: [16] }).describe().steps;
    expect(tuned!.measuredUs).toBeGreaterThanOrEqual(0);
    expect(sessionOf(plan).describe().steps[0]!.measuredUs).toBeUndefined();
  });
});
