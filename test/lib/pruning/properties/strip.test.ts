import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  constantSparsity,
  getSparsity,
  prune,
  stripPruning,
  updatePruningStep,
} from '../../../../lib/pruning.ts';
import type { Structure } from '../../../../lib/sparse/structure.ts';
import { tf } from '../backends.ts';
import { data, leaks, prunedWeights, smallModel } from '../models.ts';

const structures: fc.Arbitrary<Structure> = fc.constantFrom<Structure>(
  { type: 'unstructured' },
  { type: 'block', inputs: 2, outputs: 2 },
  { type: 'block', inputs: 4, outputs: 3, pooling: 'max' },
  { type: 'nm', keep: 1, of: 4 },
  { type: 'balanced', group: 4 },
  { type: 'input' },
  { type: 'output', order: 1 },
);
const criteria = fc.constantFrom(
  'magnitude',
  'random',
  'zhou:large_init',
  'zhou:movement',
  'movement' as const,
);

/** Two small models: Dense layers alone, and a convolution in front of one. */
function modelOf(convolution: boolean) {
  if (!convolution) return { model: smallModel(), ...data(4) };
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ name: 'd1', filters: 4, kernelSize: 2, inputShape: [3, 3, 4], activation: 'relu' }),
      tf.layers.flatten(),
      tf.layers.dense({ name: 'd2', units: 3 }),
    ],
  });
  const { x, y } = data(4, 36);
  return { model, x: x.reshape([4, 3, 3, 4]), y };
}

it('a stripped model predicts as the masked one, whatever the criterion, structure and sparsity', async () => {
  const cases = fc.asyncProperty(
    fc.record({
      criterion: criteria,
      structure: structures,
      sparsity: fc.double({ min: 0, max: 0.95, noNaN: true }),
      optimizer: fc.constantFrom('sgd', 'adam', 'rmsprop'),
      convolution: fc.boolean(),
    }),
    async ({ criterion, structure, sparsity, optimizer, convolution }) => {
      const { model: given, x, y } = modelOf(convolution);
      const targetSparsity = structure.type === 'nm' ? 0.75 : sparsity;
      const schedule = constantSparsity({ targetSparsity, beginStep: 1, frequency: 1 });
      const model = prune(given, { schedule, structure, criterion: criterion as 'magnitude' });
      model.compile({ optimizer: optimizer as 'sgd', loss: 'meanSquaredError' });
      await model.fit(x, y, { batchSize: 2, epochs: 2, verbose: 0, callbacks: [updatePruningStep()] });
      const stripped = stripPruning(model);
      const [masked, plain] = [model.predict(x), stripped.predict(x)] as tf.Tensor[];
      expect([...plain!.dataSync()]).toEqual([...masked!.dataSync()]);
      expect(getSparsity(stripped)).toEqual(getSparsity(model));
      // The zeros are those of the masks, in weights of the plain model.
      const weights = prunedWeights(model);
      weights.forEach((weight) => {
        const kernel = stripped.getLayer(weight.layer).getWeights()[0]!;
        expect(leaks(weight, kernel.dataSync())).toBe(0);
      });
      for (const one of [model, stripped, given]) one.dispose();
      tf.dispose([x, y, masked!, plain!]);
    },
  );
  await fc.assert(cases, { numRuns: 30 });
});
