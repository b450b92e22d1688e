import { describe, expect, it } from 'vitest';
import { digits, interval, percent, times } from '../../bench/runner/format.ts';
import { type CaseResult, caseTable } from '../../bench/runner/report.ts';

describe('numbers of the tables', () => {
  it.each([
    [0, '0'],
    [1.5e-7, '1.5e-7'],
    [0.0123, '0.0123'],
    [2.34567, '2.35'],
    [99.94, '99.9'],
    [99.96, '100'],
    [1234.5, '1,235'],
    [null, '–'],
    [Number.NaN, '–'],
  ])('%s reads %s', (value, text) => {
    expect(digits(value)).toBe(text);
  });

  it('name ratios, intervals and shares', () => {
    expect(times(11.68)).toBe('11.7×');
    expect(times(null)).toBe('–');
    expect(interval([0.95, 1.05])).toBe('0.950 – 1.05');
    expect(interval(null)).toBe('–');
    expect(percent(0.89815, 2)).toBe('89.81 %');
  });
});

describe('caseTable', () => {
  const slow = {
    engine: 'tfjs-node fused.matMul',
    medianUs: 9_123_456.7,
    madUs: 123_456.7,
    samples: 501,
    calls: 1,
    ratio: 1234.5,
    ratioInterval: [1111, 2222] as [number, number],
    maxDifference: 1.23e-7,
    facts: { kernel: 'k', tfjs: '4.22.0' },
  };
  const result: CaseResult = {
    suite: 'kernels',
    name: 'dense-4096x4096/M=256/d=0.10/t=1',
    facts: {},
    flops: { stored: 8e8, dense: 8e9 },
    rows: [
      slow,
      { ...slow, engine: 'absent', medianUs: null, madUs: null, facts: {}, note: 'not installed' },
    ],
  };

  it('fits a terminal of 110 columns with the longest numbers', () => {
    for (const line of caseTable(result).split('\n')) expect(line.length, line).toBeLessThanOrEqual(110);
  });

  it('says below what engines say of themselves, without the versions', () => {
    expect(caseTable(result).split('\n').slice(-2)).toEqual([
      '  tfjs-node fused.matMul: kernel k',
      '  absent: not installed',
    ]);
  });
});
