import { emitAffine } from '../plan/emit/affine.ts';
import { onlyInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/** (x - moving mean) / sqrt(moving variance + epsilon) · gamma + beta over the last axis, as one scale and shift. */
export const batchNormalization: LayerType = {
  classNames: ['BatchNormalization'],
  prunable: [],
  lower: (config) => {
    const axis = config.axis(-1);
    const epsilon = config.number('epsilon', 1e-3);
    const hasScale = config.boolean('scale', true);
    const hasCenter = config.boolean('center', true);
    return (call) => {
      const input = onlyInput(call);
      const { shape } = call.plan.value(input);
      if (axis !== -1 && axis !== shape.length) {
        throw new UnsupportedFeature(
          `normalization over axis ${axis} of ${shape.length + 1} has no native step; ${keepInTensorFlow}`,
        );
      }
      const size = [shape.at(-1) ?? 1];
      const mean = call.weight('moving_mean', size);
      const variance = call.weight('moving_variance', size);
      const gamma = hasScale ? call.weight('gamma', size) : undefined;
      const beta = hasCenter ? call.weight('beta', size) : undefined;
      // In float64 until the last step, like the folding that usually follows.
      const scale = Float64Array.from(variance, (v, c) => (gamma?.[c] ?? 1) / Math.sqrt(v + epsilon));
      const shift = Float32Array.from(mean, (m, c) => (beta?.[c] ?? 0) - m * scale[c]!);
      return [emitAffine(call.plan, call.name, input, { scale: Float32Array.from(scale), shift })];
    };
  },
};
