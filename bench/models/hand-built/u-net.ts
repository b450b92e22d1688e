import type { SymbolicTensor } from '@tensorflow/tfjs';
import { applyTo, type HandBuiltModel, type TfLayers } from './hand-built-model.ts';

/** A mask of a 64 x 64 picture: two levels down, two up (one by UpSampling, one by a transposed convolution). */
export const uNet: HandBuiltModel = {
  name: 'u-net',
  build: (tf) => {
    const { layers } = tf;
    const input = tf.input({ shape: [64, 64, 3] });
    const first = convolve(tf, input, 8);
    const second = convolve(tf, applyTo(layers.maxPooling2d({ poolSize: 2 }), first), 16);
    const bottom = convolve(tf, applyTo(layers.maxPooling2d({ poolSize: 2 }), second), 32);
    const wider = applyTo(layers.upSampling2d({ size: [2, 2] }), bottom);
    const third = convolve(tf, applyTo(layers.concatenate(), [wider, second]), 16);
    const up = applyTo(
      layers.conv2dTranspose({ filters: 8, kernelSize: 2, strides: 2, padding: 'same' }),
      third,
    );
    const last = convolve(tf, applyTo(layers.concatenate(), [up, first]), 8);
    const output = applyTo(layers.conv2d({ filters: 1, kernelSize: 1, activation: 'sigmoid' }), last);
    return tf.model({ inputs: input, outputs: output });
  },
};

function convolve(tf: TfLayers, input: SymbolicTensor, filters: number): SymbolicTensor {
  const layer = () => tf.layers.conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' });
  return applyTo(tf.layers.batchNormalization({}), applyTo(layer(), applyTo(layer(), input)));
}
