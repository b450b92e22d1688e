import { expect, it } from 'vitest';
import { constantSparsity, pruneLowMagnitude, updatePruningStep } from '../../../lib/pruning.ts';
import { accelerate } from '../../../lib/tfjs.ts';
import { tf } from '../pruning/backends.ts';
import { expectClose, inputsFor, randomWeights, take } from './models.ts';

const makeModel = () =>
  tf.sequential({
    layers: [
      tf.layers.dense({ units: 16, activation: 'relu', inputShape: [12] }),
      tf.layers.dense({ units: 4 }),
    ],
  });

// TFMOT's wrapper masks its weights at every call, so that even a prediction gives them new dataIds.
it.each(['exact', 'tfmot'] as const)('serves a model while it is pruned (%s)', async (compat) => {
  const pruningSchedule = constantSparsity({ targetSparsity: 0.5, beginStep: 0, frequency: 1 });
  const model = pruneLowMagnitude(randomWeights(makeModel()), { pruningSchedule, compat });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const handle = accelerate(model, { sparse: 'always' });
  const [x] = inputsFor(model, 8) as [tf.Tensor];
  const y = tf.randomNormal([8, 4]);
  for (const round of [1, 2]) {
    await model.fit(x, y, { verbose: 0, callbacks: [updatePruningStep()] });
    const expected = take(tf.tidy(() => model.apply(x) as tf.Tensor));
    for (const _ of [1, 2, 3]) expectClose(take(model.predict(x) as tf.Tensor), expected);
    const { sparseCalls, delegatedCalls } = handle.describe()[0]!;
    expect([sparseCalls, delegatedCalls]).toEqual([2 * round, round]);
  }
  handle.restore();
  tf.dispose([x, y]);
  model.dispose();
});
