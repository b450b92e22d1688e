import type { StepInfo } from '../../lib/index.ts';

/** Where a session's time goes, from its profile: `62 % depthwise conv2d_dw_3x3, …`, the three largest kernels. */
export function costsOf(steps: readonly Pick<StepInfo, 'op' | 'kernel' | 'measuredUs'>[]): string {
  const total = steps.reduce((sum, { measuredUs = 0 }) => sum + measuredUs, 0) || 1;
  const byKernel = new Map<string, number>();
  for (const { op, kernel, measuredUs = 0 } of steps) {
    const name = `${op} ${kernel}`;
    byKernel.set(name, (byKernel.get(name) ?? 0) + measuredUs);
  }
  return [...byKernel]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([name, us]) => `${((100 * us) / total).toFixed(0)} % ${name}`)
    .join(', ');
}
