import { emitAffine } from '../../plan/emit/affine.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import type { OpType } from './op-type.ts';
import { requireChannelsLast } from './window.ts';

/** (x - mean) / sqrt(variance + epsilon) · scale + offset by channel, as one scale and shift. */
export const batchNorm: OpType = {
  ops: ['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'],
  lower: (call) => {
    requireChannelsLast(call);
    if (call.attributes.boolean('is_training', false))
      throw new UnsupportedFeature(
        `is_training is set; export the model for inference, or ${keepInTensorFlow}`,
      );
    const { id, x } = call.picture();
    const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => call.weight(i).data);
    for (const values of [gamma!, beta!, mean!, variance!])
      if (values.length !== x.channels) throw call.unfit(`${x.channels} numbers`, [values.length]);
    const epsilon = call.attributes.number('epsilon', 1e-4);
    // In float64 until the last step, like the folding that usually follows.
    const scale = Float64Array.from(variance!, (v, c) => gamma![c]! / Math.sqrt(v + epsilon));
    const shift = Float32Array.from(mean!, (m, c) => beta![c]! - m * scale[c]!);
    return [call.computed(emitAffine(call.plan, call.name, id, { scale: Float32Array.from(scale), shift }))];
  },
};
