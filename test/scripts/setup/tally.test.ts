import { expect, it } from 'vitest';
import { closingLine, parseClosingLine, sum } from '../../../scripts/setup/tally.ts';

it('writes a closing line that it can read back', () => {
  const tally = { passed: 12, failed: 1, failures: ['c: 1 is not 2'], skipped: ['a (no GPU)', 'b (slow)'] };
  expect(closingLine(tally)).toBe('12 passed, 1 failed, 2 skipped');
  const read = parseClosingLine(`noise\n${closingLine(tally)}\n\n`);
  expect([read?.passed, read?.failed, read?.skipped.length]).toEqual([12, 1, 2]);
  expect(parseClosingLine(`failed: c: 1 is not 2\n${closingLine(tally)}`)?.failures).toEqual(tally.failures);
});

it('reads no closing line where the last line is another one', () => {
  expect(parseClosingLine('3 passed, 0 failed\nbut then it crashed')).toBeUndefined();
  expect(parseClosingLine('')).toBeUndefined();
});

it('adds up runners and keeps every skip by name', () => {
  const total = sum([
    { passed: 1, failed: 0, failures: [], skipped: ['a'] },
    { passed: 2, failed: 1, failures: ['c'], skipped: ['b'] },
  ]);
  expect(total).toEqual({ passed: 3, failed: 1, failures: ['c'], skipped: ['a', 'b'] });
});
