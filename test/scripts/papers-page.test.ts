import { expect, it } from 'vitest';
import type { PaperResult } from '../../examples/papers/common/result.ts';
import { paperSection, papersOf, withSection } from '../../scripts/readme/papers-page.ts';

const result: PaperResult = {
  format: 'tfjs-sparse paper',
  version: 1,
  name: 'a-paper',
  paper: 'Somebody, A Paper (2020)',
  setting: 'a small network',
  quick: false,
  table: [{ network: 'dense', accuracy: '97.00 %' }],
  findings: [
    { claim: 'first', holds: true, detail: '1 against 2', judged: true },
    { claim: 'second', holds: false, detail: '2 against 1', judged: false },
    { claim: 'third', holds: false, detail: '0', judged: true },
  ],
  curves: [{ name: 'dense', x: 'step', y: 'accuracy', points: [[1, 0.5]] }],
  environment: {
    cpu: 'a cpu',
    node: 'v20',
    tfjs: '4',
    tensorflow: '2',
    commit: 'abc',
    date: '2026-01-02T03:04:05Z',
  },
  seconds: { wall: 9, cpu: 8 },
};

it('shows the table, every claim with its numbers, and where the curves are', () => {
  const text = paperSection(result);
  expect(text).toContain('| network | accuracy |\n| --- | --- |\n| dense | 97.00 % |');
  expect(text).toContain('| first | holds | 1 against 2 |');
  expect(text).toContain('| second | **does not hold at this size** (not asserted) | 2 against 1 |');
  expect(text).toContain('| third | **does not hold** | 0 |');
  expect(text).toContain('2026-01-02, a cpu, one thread, 8 s of processor time');
  expect(text).toContain('1 curves (accuracy by step) are in [docs/results/papers/a-paper.json]');
});

it('refuses a quick run', () => {
  expect(() => paperSection({ ...result, quick: true })).toThrow('quick run');
});

it('replaces the section between its marks, and says when they are missing', () => {
  const page = 'a\n<!-- a-paper, made by npm run papers-page -->\nold\n<!-- end of a-paper -->\nb\n';
  expect(papersOf(page)).toEqual(['a-paper']);
  expect(withSection(page, 'a-paper', 'new')).toBe(page.replace('old', 'new'));
  expect(() => withSection(page, 'b-paper', 'new')).toThrow('lacks the marks');
});
