import type { SessionDescription } from '../../lib/index.ts';

/** Where the cost model sees a session's time: `62 % dwconv_3x3 (depthwise), …`, the three largest. */
export function costsOf({ steps }: Pick<SessionDescription, 'steps'>): string {
  const total = steps.reduce((sum, { estimateUs }) => sum + estimateUs, 0) || 1;
  const byKernel = new Map<string, number>();
  for (const { op, kernel, estimateUs } of steps) {
    const name = `${op} ${kernel}`;
    byKernel.set(name, (byKernel.get(name) ?? 0) + estimateUs);
  }
  return [...byKernel]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([name, us]) => `${((100 * us) / total).toFixed(0)} % ${name}`)
    .join(', ');
}
