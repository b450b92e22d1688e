import { emitAffine } from '../plan/emit/affine.ts';
import { onlyInput, onlyTensor } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { combine } from './ops/binary.ts';
import { BatchIsMixed, constant } from './ops/graph-tensor.ts';

/** (x - moving mean) / sqrt(moving variance + epsilon) · gamma + beta over one axis, as one scale and shift. */
export const batchNormalization: LayerType = {
  classNames: ['BatchNormalization'],
  prunable: [],
  lower: (config) => {
    const axis = config.axis(-1);
    const epsilon = config.number('epsilon', 1e-3);
    const hasScale = config.boolean('scale', true);
    const hasCenter = config.boolean('center', true);
    return (call) => {
      const input = onlyTensor(call);
      const counted = call.op.axisOf(axis, input.shape.length);
      if (counted === 0) throw new BatchIsMixed();
      const size = [input.shape[counted] as number];
      const mean = call.weight('moving_mean', size);
      const variance = call.weight('moving_variance', size);
      const gamma = hasScale ? call.weight('gamma', size) : undefined;
      const beta = hasCenter ? call.weight('beta', size) : undefined;
      // In float64 until the last step, like the folding that usually follows.
      const scale = Float64Array.from(variance, (v, c) => (gamma?.[c] ?? 1) / Math.sqrt(v + epsilon));
      const shift = Float32Array.from(mean, (m, c) => (beta?.[c] ?? 0) - m * scale[c]!);
      if (counted === input.shape.length - 1)
        return [
          emitAffine(call.plan, call.name, onlyInput(call), { scale: Float32Array.from(scale), shift }),
        ];
      // Each number broadcasts over the axes behind.
      const wide = [...size, ...new Array<number>(input.shape.length - 1 - counted).fill(1)];
      const tensor = (values: Float32Array) => constant('float32', wide, values);
      const scaled = combine(call.op, 'mul', input, tensor(Float32Array.from(scale)));
      return [call.op.portId(combine(call.op, 'add', scaled, tensor(shift)))];
    };
  },
};
