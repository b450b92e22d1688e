import { describe, expect, it } from 'vitest';
import {
  descend,
  movementGradients,
  penalizedLoss,
  scorePenalty,
} from '../../../../lib/pruning/movement/gradients.ts';
import { failure } from '../../sparse/failure.ts';

const f32 = (...values: number[]) => Float32Array.from(values);
const round = (values: Float32Array) => [...values].map((value) => Math.round(value * 1e6) / 1e6);

it('scores grow where weights move away from zero, masked ones too', () => {
  const weights = f32(1, -2, 0.5);
  let scores: Float32Array = f32(0, 0, 0);
  for (const gradient of [f32(0.5, -0.5, 1), f32(-1, -1, 0.2)]) {
    const gradients = movementGradients({ weights, scores, mask: Uint8Array.of(1, 0, 1), gradient });
    scores = descend(scores, gradients.scores, 0.1);
    expect(gradients.weights[1]).toBe(0);
  }
  expect(round(scores)).toEqual([0.05, -0.3, -0.06]);
});

describe('the penalty', () => {
  it('is the mean over matrices of the mean of sigmoid(S)', () => {
    expect(scorePenalty([f32(0, 0), f32(100)])).toBeCloseTo(0.75, 12);
    expect(scorePenalty([])).toBe(0);
    expect(penalizedLoss(2, [f32(0)], 3)).toBe(3.5);
    // sigmoid(⅔ · ln 11)
    expect(scorePenalty([f32(0)], 'l0')).toBeCloseTo(1 / (1 + 11 ** (-2 / 3)), 12);
  });

  it.each(['l1', 'l0'] as const)('%s has the gradient of its differences', (kind) => {
    const scores = f32(-1, 0.5, 2);
    const zeros = f32(0, 0, 0);
    const got = movementGradients(
      { weights: zeros, scores, mask: Uint8Array.of(1, 1, 1), gradient: zeros },
      { lambda: 2, kind, matrices: 2 },
    ).scores;
    scores.forEach((score, i) => {
      const at = (change: number) => {
        const moved = [f32(...scores), f32(7)];
        moved[0]![i] = score + change;
        return 2 * scorePenalty(moved, kind);
      };
      const step = 2 ** -8;
      expect(got[i]).toBeCloseTo((at(step) - at(-step)) / (2 * step), 5);
    });
  });
});

it('refuses arrays of other lengths', () => {
  const weight = { weights: f32(1, 2), scores: f32(1, 2), mask: Uint8Array.of(1, 1), gradient: f32(1) };
  expect(failure(() => movementGradients(weight))).toMatchObject({
    code: 'ERR_SPARSE_SHAPE',
    tensor: 'gradient',
  });
  expect(failure(() => descend(f32(1), f32(1, 2), 0.1)).code).toBe('ERR_SPARSE_SHAPE');
});
