import { balancedCounts, defaultBalancedGroup } from '../../lib/sparse/balanced.ts';
import type { Random } from './random.ts';
import { prunedKernel } from './random-plan.ts';

/** Patterns that a weight may be found to have. */
export const patterns = ['unstructured', 'balanced', 'block 2', 'block 4', 'block 8'] as const;
export type PatternName = (typeof patterns)[number];

/** A kernel [inputs, outputs] where each output keeps as many random inputs of every 32 as the definition says. */
function balancedKernel(random: Random, inputs: number, outputs: number, sparsity: number): Float32Array {
  const kernel = new Float32Array(inputs * outputs);
  const counts = balancedCounts(inputs, defaultBalancedGroup, 1 - sparsity);
  for (let output = 0; output < outputs; output++)
    counts.forEach((count, block) => {
      const first = block * defaultBalancedGroup;
      const end = Math.min(inputs, first + defaultBalancedGroup);
      let left = count;
      for (let input = first; input < end; input++) {
        if (random.next() * (end - input) >= left) continue;
        left--;
        kernel[input * outputs + output] = 0.1 + random.next();
      }
    });
  return kernel;
}

/** A kernel [inputs, outputs] of numbers that are not zero where the pattern keeps them, with about this share of zeros. */
export function patternedKernel(
  random: Random,
  [inputs, outputs]: readonly [number, number],
  pattern: PatternName,
  sparsity: number,
): Float32Array {
  if (pattern === 'balanced') return balancedKernel(random, inputs, outputs, sparsity);
  const block = pattern === 'unstructured' ? 1 : Number(pattern.slice('block '.length));
  return prunedKernel(random, inputs, outputs, { sparsity, block });
}
