import { describe, expect, it } from 'vitest';
import { type Mask0Action, mask0Values, mask1Values } from '../../../lib/pruning/mask-actions.ts';
import { seededRandom } from '../../../lib/sparse/random.ts';
import { failure } from '../sparse/failure.ts';

// Towards zero: 0, 3 and 5; 2 is pruned and moved away.
const weight = {
  initial: Float32Array.of(4, -1, 2, -6, 5, 3),
  final: Float32Array.of(2, -3, 4, -1, 5.5, 1),
  mask: Uint8Array.of(0, 1, 0, 0, 1, 1),
};

describe('pruned weights', () => {
  it.each([
    ['zero', [0, -1, 0, 0, 5, 3]],
    ['freeze_init', [4, -1, 2, -6, 5, 3]],
    ['freeze_init_zero_mask', [0, -1, 2, 0, 5, 3]],
    ['freeze_init_zero_all', [0, -1, 2, 0, 5, 0]],
    ['freeze_init_zero_rev', [4, -1, 0, -6, 5, 3]],
  ] as const)('begin as %s says', (action, expected) => {
    expect([...mask0Values(action, weight)]).toEqual(expected);
  });

  it('freeze_init_zero_reshuffle zeroes as many pruned weights, at random', () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const values = mask0Values('freeze_init_zero_reshuffle', weight, seededRandom(seed));
      expect([values[1], values[4], values[5]]).toEqual([-1, 5, 3]);
      expect([0, 2, 3].filter((i) => values[i] === 0)).toHaveLength(2);
      outcomes.add(values.join(','));
    }
    expect(outcomes.size).toBe(3);
  });
});

describe('surviving weights', () => {
  const random = () => seededRandom(5);

  it('rewind to their initial values', () => {
    expect([...mask1Values('rewind', weight)]).toEqual([0, -1, 0, 0, 5, 3]);
  });

  it('random_reshuffle keeps the survivors among themselves; random_reinit draws from all', () => {
    const kept = (values: Float32Array) => [values[1], values[4], values[5]].sort();
    const drawn = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      expect(kept(mask1Values('random_reshuffle', weight, {}, seededRandom(seed)))).toEqual([-1, 3, 5]);
      const all = mask1Values('random_reinit', weight, {}, seededRandom(seed));
      expect([all[0], all[2], all[3]]).toEqual([0, 0, 0]);
      for (const value of kept(all)) expect([...weight.initial]).toContain(value);
      drawn.add(kept(all).join(','));
    }
    expect(drawn.size).toBeGreaterThan(5);
  });

  it('constant is the deviation with the initial sign', () => {
    const [, first, , , second, third] = mask1Values('constant', weight);
    expect(-first!).toBe(second);
    expect(third).toBe(second);
    expect(second).toBeGreaterThan(3);
  });

  it('keep the sign of their position or get a random one', () => {
    for (let seed = 0; seed < 20; seed++) {
      const same = mask1Values('random_reinit', weight, { sign: 'same' }, seededRandom(seed));
      expect([same[1]! < 0, same[4]! > 0, same[5]! > 0]).toEqual([true, true, true]);
    }
    const signs = Array.from({ length: 40 }, (_, seed) =>
      Math.sign(mask1Values('constant', weight, { sign: 'random' }, seededRandom(seed))[4]!),
    );
    expect(new Set(signs)).toEqual(new Set([1, -1]));
  });

  it('are multiplied by entries over kept when asked', () => {
    expect([...mask1Values('rewind', weight, { rescale: true }, random())]).toEqual([0, -2, 0, 0, 10, 6]);
  });
});

it('refuses unknown actions and arrays of other lengths', () => {
  expect(failure(() => mask0Values('none' as Mask0Action, weight)).code).toBe('ERR_SPARSE_OPTION');
  const short = { ...weight, final: Float32Array.of(1) };
  expect(failure(() => mask0Values('zero', short))).toMatchObject({
    code: 'ERR_SPARSE_SHAPE',
    tensor: 'final',
  });
  expect(failure(() => mask1Values('rewind', weight, { sign: 'plus' as 'same' })).code).toBe(
    'ERR_SPARSE_OPTION',
  );
});

it('leaves what it was given as it was', () => {
  const initial = weight.initial.slice();
  mask1Values('random_reinit', weight, { rescale: true });
  mask0Values('freeze_init_zero_all', weight);
  expect(weight.initial).toEqual(initial);
});
