import { artifactsOf, inputOf } from '../cases/artifacts.ts';
import type { ModelCase } from '../cases/model-case.ts';
import type { Engine } from '../runner/engine.ts';
import { tensorflowVersions, tf } from './load-tfjs-node.ts';
import { predictCall } from './predict.ts';

/** `model.predict` on the native TensorFlow backend. */
export const tfjsNodePredict: Engine<ModelCase> = {
  name: 'tfjs-node predict',
  async prepare(work) {
    const artifacts = await artifactsOf(work.model);
    const model = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
    const x = await inputOf(work, artifacts.inputShape);
    return {
      run: predictCall(tf, model, x, work.batch, artifacts.inputShape),
      facts: tensorflowVersions,
      dispose: () => model.dispose(),
    };
  },
};
