import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { constantSparsity, pruneLowMagnitude, updatePruningStep } from '../../../lib/pruning.ts';
import { randomizeWeights } from '../../helpers/against-tfjs.ts';
import { expectSessionRuns } from '../../helpers/layer-session.ts';
import { Random } from '../../helpers/random.ts';

describe('a recurrent layer in its pruning wrapper', () => {
  it.each(['exact', 'tfmot'] as const)('compiles like the layer inside, masked, %s', async (compat) => {
    const random = new Random();
    const model = tf.sequential({
      layers: [tf.layers.lstm({ units: 16, inputShape: [6, 8] }), tf.layers.dense({ units: 3 })],
    });
    randomizeWeights(model, random);
    const pruningSchedule = constantSparsity({ targetSparsity: 0.8, frequency: 1 });
    const wrapped = pruneLowMagnitude(model, { pruningSchedule, compat });
    wrapped.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const x = tf.tensor(random.floats(8 * 48), [8, 6, 8]);
    const y = tf.tensor(random.floats(24), [8, 3]);
    const callbacks = updatePruningStep();
    await wrapped.fit(x, y, { batchSize: 4, epochs: 1, verbose: 0, shuffle: false, callbacks });
    const session = await expectSessionRuns(wrapped, random);
    const recurrence = session.describe().steps.find(({ op }) => op === 'recurrence')!;
    expect(recurrence.density).toBeCloseTo(0.2, 2);
    session.dispose();
  });
});
