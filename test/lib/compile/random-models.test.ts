import { describe, expect, it } from 'vitest';
import { expectSameAsTfjs, randomizeWeights } from '../../helpers/against-tfjs.ts';
import { Random } from '../../helpers/random.ts';
import { randomModel } from '../../helpers/random-model.ts';

describe('models of random layers', () => {
  // Fixed seeds: how far float32 strays from float64 over eight layers depends on the numbers.
  it.each(Array.from({ length: 40 }, (_, i) => i + 1))('equal TensorFlow.js, seed %i', async (seed) => {
    const random = new Random(seed);
    const model = randomModel(random);
    randomizeWeights(model, random);
    const plan = await expectSameAsTfjs(model, random);
    // Whatever comes first in a plan, no activation waits behind a step that could compute it.
    for (const [i, step] of plan.steps.entries()) {
      const before = plan.steps[i - 1];
      if (step.op === 'activation' && before && 'activation' in before) {
        expect(before.activation.type).not.toBe('linear');
      }
    }
    model.dispose();
  });
});
