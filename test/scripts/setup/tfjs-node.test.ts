import { afterEach, expect, it, vi } from 'vitest';
import { setUpTfjsNode } from '../../../scripts/setup/tfjs-node.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it('leaves a tfjs-node that loads as it is, and says on which library it runs', async () => {
  const lines = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await setUpTfjsNode();
  expect(lines).toHaveBeenCalledOnce();
  expect(lines.mock.calls[0]![0]).toMatch(
    /^\[tfjs-node\] 4\.\d+\.\d+ runs on libtensorflow 2\.\d+\.\d+, already there$/,
  );
});

it('refuses a way that it does not know', async () => {
  vi.stubEnv('TFJS_SPARSE_TF', 'conda');
  await expect(setUpTfjsNode()).rejects.toThrow('"conda", expected auto, official, wheel, skip');
});

it('does nothing when told so', async () => {
  vi.stubEnv('TFJS_SPARSE_TF', 'skip');
  const lines = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await setUpTfjsNode();
  expect(lines.mock.calls.join()).toContain('skipped');
});
