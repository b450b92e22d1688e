import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../lib/session/compile.ts';
import { expectSessionRuns, modelOf } from '../../helpers/layer-session.ts';
import { Random } from '../../helpers/random.ts';
import { rejection } from '../../helpers/sessions.ts';

const { timeDistributed, dense, conv2d, maxPooling2d, flatten, sequential } = {
  ...tf.layers,
  sequential: tf.sequential,
};

describe('TimeDistributed', () => {
  it('of a Dense layer is one product for all time steps', async () => {
    const random = new Random();
    const layer = timeDistributed({ layer: dense({ units: 6, activation: 'tanh' }) });
    const session = await expectSessionRuns(modelOf(layer, [[5, 4]], random), random);
    expect(session.describe().steps.map(({ op }) => op)).toEqual(['matmul']);
  });

  it('of convolutions, pooling and flatten runs step by step', async () => {
    const random = new Random();
    const convolution = conv2d({ filters: 3, kernelSize: 2, padding: 'same', activation: 'relu' });
    for (const inner of [convolution, maxPooling2d({ poolSize: 2 }), flatten()]) {
      await expectSessionRuns(modelOf(timeDistributed({ layer: inner }), [[3, 4, 5, 2]], random), random);
    }
  });

  it('refuses a model inside, and says what to do', async () => {
    const inner = sequential({ layers: [dense({ units: 2, inputShape: [3] })] });
    const model = modelOf(timeDistributed({ layer: inner }), [[4, 3]], new Random());
    expect(String(await rejection(compile(model)))).toContain('a TimeDistributed of its own');
  });
});
