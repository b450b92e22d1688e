import { describe, expect, it } from 'vitest';
import type { WeightView } from '../../../../lib/pruning/criteria/weight-view.ts';
import {
  magnitudePlaces,
  type ZhouName,
  zhouNames,
  zhouScores,
} from '../../../../lib/pruning/criteria/zhou.ts';
import { seededRandom } from '../../../../lib/sparse/random.ts';
import { failure } from '../../sparse/failure.ts';

const f32 = (...values: number[]) => Float32Array.from(values);

const view: WeightView = {
  layer: 'dense_1',
  name: 'kernel',
  shape: [6],
  initial: f32(0.5, -0.4, 0.1, 0.8, -0.3, 0.2),
  values: f32(0.9, -0.1, -0.3, 0.7, -0.65, 0.2),
};

const scoresOf = (name: ZhouName) => zhouScores(name, view, seededRandom(1));

/** Bits of the three highest scores. */
function best(name: ZhouName): string {
  const scores = scoresOf(name);
  const rising = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
  return [...scores.keys()].map((i) => (rising.indexOf(i) < 3 ? 1 : 0)).join('');
}

describe('the criteria of Zhou et al., on the same six weights at half of them', () => {
  it.each([
    ['large_final', '100110'],
    ['small_final', '011001'],
    ['large_init', '110100'],
    ['small_init', '001011'],
    ['magnitude_increase', '101010'],
    ['movement', '101010'],
    ['large_init_large_final', '100110'],
    ['small_init_small_final', '011001'],
    ['large_final_same_sign', '100110'],
  ] as const)('%s keeps %s', (name, bits) => {
    expect(best(name)).toBe(bits);
  });

  it('the forms with signs score 0 where the signs differ or agree', () => {
    const zeros = (name: ZhouName) => [...scoresOf(name)].map((score) => (score === 0 ? 0 : 1)).join('');
    expect(zeros('large_final_same_sign')).toBe('110111');
    expect(zeros('large_final_diff_sign')).toBe('001000');
    // The last weight has not moved: its increase is 0 anyway.
    expect(zeros('magnitude_increase_same_sign')).toBe('110110');
    expect(zeros('magnitude_increase_diff_sign')).toBe('001000');
  });

  it('random ones are the same for the same numbers, and lie in [0, 1]', () => {
    expect(scoresOf('random')).toEqual(scoresOf('random'));
    expect(scoresOf('random')).not.toEqual(zhouScores('random', view, seededRandom(2)));
    for (const score of scoresOf('random')) expect(score >= 0 && score <= 1).toBe(true);
  });
});

describe('the initial values', () => {
  const without: WeightView = { layer: 'dense_1', name: 'kernel', shape: [6], values: view.values };

  it.each(zhouNames.filter((name) => !['large_final', 'small_final', 'random'].includes(name)))(
    'are asked for by %s',
    (name) => {
      const error = failure(() => zhouScores(name, without, Math.random));
      expect(error).toMatchObject({ code: 'ERR_SPARSE_OPTION', layer: 'dense_1', tensor: 'dense_1/kernel' });
      expect(error.message).toContain(`zhou:${name}`);
    },
  );

  it.each(['large_final', 'small_final', 'random'] as const)('are not asked for by %s', (name) => {
    expect(zhouScores(name, without, Math.random)).toHaveLength(6);
  });

  it('are as many as the values', () => {
    const error = failure(() => zhouScores('movement', { ...view, initial: f32(1, 2) }, Math.random));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_SHAPE', expected: 6, received: 2 });
  });
});

describe('magnitudePlaces', () => {
  it('ranks magnitudes from 0; equal ones share the highest of their places', () => {
    expect([...magnitudePlaces(f32(3, -1, 2, 1, 1))]).toEqual([4, 2, 3, 2, 2]);
  });

  it('of nothing is nothing', () => {
    expect(magnitudePlaces(f32())).toHaveLength(0);
  });
});
