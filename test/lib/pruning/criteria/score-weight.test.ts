import { describe, expect, it } from 'vitest';
import { scoreWeight, weightCriteria } from '../../../../lib/pruning/criteria/index.ts';
import { zhouNames } from '../../../../lib/pruning/criteria/zhou.ts';
import { failure } from '../../sparse/failure.ts';

const f32 = (...values: number[]) => Float32Array.from(values);
const view = { layer: 'dense_1', name: 'kernel', shape: [2, 2], values: f32(1, -2, 0, 3) };

describe('scoreWeight', () => {
  it('knows magnitude, random and every criterion of Zhou', () => {
    expect(Object.keys(weightCriteria)).toEqual([
      'magnitude',
      'random',
      ...zhouNames.map((name) => `zhou:${name}`),
    ]);
    expect([...scoreWeight('magnitude', view, 0)]).toEqual([1, 2, 0, 3]);
    expect([...scoreWeight('zhou:small_final', view, 0)]).toEqual([-1, -2, -0, -3]);
  });

  it('gives other random scores for another seed or another weight, the same for the same', () => {
    const scores = scoreWeight('random', view, 7);
    expect(scoreWeight('random', view, 7)).toEqual(scores);
    expect(scoreWeight('random', view, 8)).not.toEqual(scores);
    expect(scoreWeight('random', { ...view, name: 'recurrent_kernel' }, 7)).not.toEqual(scores);
  });

  it("takes the caller's own function", () => {
    expect([...scoreWeight(({ values }) => values.map((w) => -w), view, 0)]).toEqual([-1, 2, -0, -3]);
  });

  it("refuses what the caller's function must not return", () => {
    const refused = (scores: unknown) => failure(() => scoreWeight(() => scores as Float32Array, view, 0));
    expect(refused(f32(1, 2))).toMatchObject({
      code: 'ERR_SPARSE_SHAPE',
      tensor: 'scores of dense_1/kernel',
    });
    expect(refused([1, 2, 3, 4])).toMatchObject({ code: 'ERR_SPARSE_ARGUMENT' });
    expect(refused(new Float64Array(4))).toMatchObject({ code: 'ERR_SPARSE_DTYPE' });
    expect(refused(f32(1, 2, Number.NaN, 4)).message).toContain('scores of dense_1/kernel[2] is NaN');
  });

  it('names the weight that has a NaN', () => {
    const error = failure(() => scoreWeight('magnitude', { ...view, values: f32(1, Number.NaN, 0, 0) }, 0));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_NAN', tensor: 'dense_1/kernel' });
    const random = failure(() => scoreWeight('random', { ...view, values: f32(1, Number.NaN, 0, 0) }, 0));
    expect(random.code).toBe('ERR_SPARSE_NAN');
    const initial = f32(Number.NaN, 0, 0, 0);
    const moved = failure(() => scoreWeight('zhou:movement', { ...view, initial }, 0));
    expect(moved.message).toContain('dense_1/kernel by "zhou:movement"[0] is NaN');
  });

  it('lists the names for one that is unknown', () => {
    const error = failure(() => scoreWeight('magnitud' as 'magnitude', view, 0));
    expect(error.code).toBe('ERR_SPARSE_OPTION');
    expect(error.message).toContain('zhou:large_final');
  });
});
