import { describe, expect, it } from 'vitest';
import { artifactsOf, countWeights } from '../../bench/cases/artifacts.ts';
import { sparseWeights } from '../../bench/cases/sparse-weights.ts';

describe('models of the benches', () => {
  it('have exactly the share of zeros that was asked for, in every kernel', async () => {
    const network = { type: 'network', name: 'lenet-300-100', sparsity: 0.9, seed: 1 } as const;
    expect(countWeights(await artifactsOf(network))).toEqual({ nonZero: 26_620, size: 266_200 });
    const layer = { type: 'layer', outputs: 30, inputs: 40, sparsity: 0.75, seed: 1 } as const;
    expect(countWeights(await artifactsOf(layer))).toEqual({ nonZero: 300, size: 1200 });
  });

  it('are the same in every process that asks for the same seed', async () => {
    const layer = { type: 'layer', outputs: 5, inputs: 7, sparsity: 0.5, seed: 9 } as const;
    const [a, b] = [await artifactsOf(layer), await artifactsOf(layer)];
    expect(new Float32Array(a.weightData)).toEqual(new Float32Array(b.weightData));
  });

  it('have their zeros anywhere, and weights of the size that keeps activations alive', () => {
    const weights = sparseWeights(100_000, 200, 0.5, 3);
    const half = weights.subarray(0, 50_000).filter((w) => w !== 0).length;
    // Six standard deviations of a hypergeometric count of mean 25,000.
    expect(Math.abs(half - 25_000)).toBeLessThan(480);
    const squares = weights.reduce((sum, w) => sum + w * w, 0) / 50_000;
    expect(Math.abs(squares - 0.01)).toBeLessThan(0.0004);
  });
});
