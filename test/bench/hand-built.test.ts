import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { handBuiltModels } from '../../bench/models/hand-built/index.ts';
import { getSparsity, pruneOnce } from '../../lib/pruning.ts';
import { expectSessionRuns } from '../helpers/layer-session.ts';
import { Random } from '../helpers/random.ts';

/** Values for a batch of 2: numbers, or words of which every fourth is 0. */
function inputsOf(model: tf.LayersModel, words: number | undefined, random: Random): Float32Array[] {
  return model.inputs.map(({ shape }) => {
    const size = 2 * (shape.slice(1) as number[]).reduce((a, b) => a * b, 1);
    if (words === undefined) return random.floats(size);
    return Float32Array.from({ length: size }, (_, i) => (i % 4 === 3 ? 0 : random.integer(0, words - 1)));
  });
}

describe('a model built by hand', () => {
  it.each(handBuiltModels)(
    '$name equals TensorFlow.js, as built and pruned to 80 % zeros',
    async ({ build, words }) => {
      const random = new Random();
      const model = build(tf);
      const inputs = inputsOf(model, words, random);
      (await expectSessionRuns(model, random, { inputs })).dispose();
      const { model: pruned } = await pruneOnce(model, { sparsity: 0.8 });
      expect(getSparsity(pruned).total).toBeGreaterThan(0.7);
      const session = await expectSessionRuns(pruned, random, { inputs });
      const densities = session.describe().steps.map(({ density }) => density);
      expect(Math.min(...densities)).toBeLessThan(0.25);
      session.dispose();
      model.dispose();
    },
  );
});
