import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readReport, runGoogleTest } from '../../../scripts/runners/googletest.ts';
import { casesPerIsa, expectedIsas } from '../../../scripts/runners/isas.ts';
import { countVitest } from '../../../scripts/runners/vitest.ts';
import { makeTree } from '../../helpers/tree.ts';

describe('a GoogleTest report', () => {
  const cases = [
    { name: 'm_lt_mr', classname: 'Spmm', result: 'COMPLETED', isa_scalar: 'tested' },
    {
      name: 'm_eq_mr',
      classname: 'Spmm',
      result: 'COMPLETED',
      isa_avx2_fma: 'tested',
      failures: [{ failure: 'spmm_test.cc:9\nmore' }],
    },
    {
      name: 'm_gt_mr',
      classname: 'Spmm',
      result: 'SKIPPED',
      isa_avx512: 'tested',
      skipped: [{ message: 'spmm_test.cc:12\nno AVX-512 here\n' }],
    },
  ];
  const report = JSON.stringify({ testsuites: [{ testsuite: cases }] });

  it('never counts a skipped case as passed, and names it', () => {
    const { tally } = readReport(path.join(makeTree({ 'tests.json': report }), 'tests.json'));
    expect(tally.passed).toBe(1);
    expect(tally.failed).toBe(1);
    expect(tally.failures).toEqual(['Spmm.m_eq_mr: spmm_test.cc:9']);
    expect(tally.skipped).toEqual(['Spmm.m_gt_mr (no AVX-512 here)']);
  });

  it('counts an instruction set only where a case of it ran', () => {
    const { ran } = readReport(path.join(makeTree({ 'tests.json': report }), 'tests.json'));
    const counts = casesPerIsa(ran, ['scalar', 'avx2_fma', 'avx512']);
    expect(Object.fromEntries(counts)).toEqual({ scalar: 1, avx2_fma: 1, avx512: 0 });
  });

  it('expects the instruction sets of the architecture that ran', () => {
    expect(expectedIsas('x64')).toEqual(['avx512', 'avx2_fma', 'scalar']);
    expect(expectedIsas('arm64')).toEqual(['neon', 'scalar']);
    expect(expectedIsas('riscv64')).toEqual(['scalar']);
  });

  it('counts a program that left no report as a failure', async () => {
    const tree = makeTree({});
    const { tally } = await runGoogleTest(
      [path.join(tree, 'no-such-program')],
      path.join(tree, 'tests.json'),
    );
    expect(tally).toMatchObject({ passed: 0, skipped: [] });
    expect(tally.failed).toBeGreaterThan(0);
    for (const failure of tally.failures) expect(failure).toContain('no-such-program');
  });
});

describe('a vitest report', () => {
  it('counts a file that broke before its first test as a failure', () => {
    const tally = countVitest({
      testResults: [
        { name: 'a.test.ts', status: 'failed', message: 'SyntaxError', assertionResults: [] },
        {
          name: 'b.test.ts',
          status: 'passed',
          assertionResults: [
            { fullName: 'b adds', status: 'passed' },
            { fullName: 'b waits', status: 'skipped' },
          ],
        },
      ],
    });
    expect(tally).toEqual({
      passed: 1,
      failed: 1,
      failures: ['a.test.ts: SyntaxError'],
      skipped: ['b waits (skipped)'],
    });
  });
});
