import { expect, it } from 'vitest';
import { CsrEngine } from '../../../lib/tfjs/csr-engine.ts';
import { patternedKernel } from '../../helpers/patterned-kernel.ts';
import { Random } from '../../helpers/random.ts';

it.each(['unstructured', 'balanced', 'block 4'] as const)(
  'a weight that is met as a tensor is said to be %s, with the way that it runs',
  (pattern) => {
    const random = new Random();
    const kernel = patternedKernel(random, [256, 512], pattern, 0.9);
    const engine = new CsrEngine('weight', kernel, 256, 512, 1);
    const [one] = engine.steps(1);
    expect(one, `SEED=${random.seed}`).toMatchObject({
      structure: pattern,
      kernel: expect.stringMatching(/^(narrow )?window$/),
      m: 1,
    });
    const [many] = engine.steps(64);
    expect(many!.kernel).toBe(pattern === 'block 4' ? 'spmm nr 4' : 'spmm nr 1');
    expect(many!.reason).toContain(pattern);
    expect(many!.estimateUs).toBeGreaterThan(one!.estimateUs);
  },
);
