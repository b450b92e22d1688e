import { expect, it } from 'vitest';
import type { CaseResult } from '../../bench/runner/report.ts';
import type { KernelRow } from '../../bench/suites/kernel-rows.ts';
import { scale } from '../../bench/suites/scale.ts';
import { nativeInfo } from '../../lib/native/info.ts';

/** The native bench may have to be built first. */
it('the scale bench makes its weights, checks its products and times them', {
  timeout: 240_000,
}, async () => {
  const options = {
    shapes: [[40, 60] as const],
    m: [1, 5],
    sparsity: [0.7],
    structure: ['unstructured' as const],
    storage: ['float32' as const, 'int8' as const],
    threads: [1],
    done: new Set<string>(),
    run: { seconds: 0, minRounds: 1, sampleSeconds: 0 },
  };
  const { isa } = nativeInfo();
  const cases: CaseResult[] = [];
  for await (const found of scale(options, isa)) cases.push(found);
  expect(cases.map(({ name }) => name)).toEqual(
    ['float32', 'int8'].flatMap((storage) =>
      [1, 5].map((m) => `product/${isa}/M=${m},N=40,K=60/unstructured/${storage}/s=0.7/t=1`),
    ),
  );
  for (const { facts, measured } of cases) {
    expect(facts.nonZero).toBeGreaterThan(0.2 * 40 * 60);
    expect(facts.nonZero).toBeLessThan(0.4 * 40 * 60);
    const [row] = measured as KernelRow[];
    expect(row).toMatchObject({ engine: 'tfjs-sparse', level: 'call', n: 40, k: 60, samples: 1, isa });
    expect(row!.gflops).toBeGreaterThan(0);
  }
  const again: CaseResult[] = [];
  const done = new Set(cases.map(({ name }) => name));
  for await (const found of scale({ ...options, done }, isa)) again.push(found);
  expect(again).toEqual([]);
});
