import { accelerate } from '../../lib/tfjs.ts';
import { artifactsOf, inputOf } from '../cases/artifacts.ts';
import type { ModelCase } from '../cases/model-case.ts';
import type { Engine } from '../runner/engine.ts';
import { tensorflowVersions, tf } from './load-tfjs-node.ts';
import { predictCall } from './predict.ts';

/** `model.predict` of a model that stays in TF.js and is accelerated: the same calls as the plain one. */
export const acceleratedPredict: Engine<ModelCase> = {
  name: 'accelerated predict',
  async prepare(work) {
    const artifacts = await artifactsOf(work.model);
    const model = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
    const accelerated = accelerate(model);
    const x = await inputOf(work, artifacts.inputShape);
    const sum = (counts: number[]) => counts.reduce((a, b) => a + b, 0);
    return {
      run: predictCall(tf, model, x, work.batch, artifacts.inputShape),
      facts() {
        const steps = accelerated.describe();
        return {
          ...tensorflowVersions(),
          sparseCalls: sum(steps.map((step) => step.sparseCalls)),
          delegatedCalls: sum(steps.map((step) => step.delegatedCalls)),
        };
      },
      dispose() {
        accelerated.restore();
        model.dispose();
      },
    };
  },
};
