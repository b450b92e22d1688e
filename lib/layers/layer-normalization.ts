import { onlyTensor, weightTensor } from './layer-call.ts';
import type { LayerConfig } from './layer-config.ts';
import type { LayerType } from './layer-type.ts';
import { combine } from './ops/binary.ts';
import type { GraphTensor } from './ops/graph-tensor.ts';
import { reshaped } from './ops/graph-tensor.ts';
import { normalizeAxes } from './ops/normalize.ts';

/** (x - mean) / sqrt(variance + epsilon) · gamma + beta, mean and variance of each sample over the given axes. */
export const layerNormalization: LayerType = {
  classNames: ['LayerNormalization'],
  prunable: [],
  lower: (config) => {
    const listed = readAxes(config);
    const epsilon = config.number('epsilon', 1e-3);
    const hasScale = config.boolean('scale', true);
    const hasCenter = config.boolean('center', true);
    return (call) => {
      const { op } = call;
      const input = onlyTensor(call);
      const { shape } = input;
      const axes = listed.map((axis) => op.axisOf(axis, shape.length));
      const parameters = axes.map((axis) => shape[axis] as number);
      // Parameters lie in the order of the list, and broadcast over the other axes.
      const wide = shape.map((size, axis) => (axes.includes(axis) ? (size as number) : 1)).slice(1);
      const weight = (name: string) => reshaped(weightTensor(call, name, parameters), wide);
      let y: GraphTensor = normalizeAxes(op, input, axes, epsilon);
      if (hasScale) y = combine(op, 'mul', y, weight('gamma'));
      if (hasCenter) y = combine(op, 'add', y, weight('beta'));
      return [op.portId(y)];
    };
  },
};

/** Rising: gamma and beta of a list in another order would have to be transposed, and no file has one. */
function readAxes(config: LayerConfig): number[] {
  const value = config.get('axis') ?? -1;
  const axes: unknown[] = Array.isArray(value) ? value : [value];
  const isRising = axes.every((axis, i) => i === 0 || (axes[i - 1] as number) < (axis as number));
  if (axes.length === 0 || !axes.every((axis) => Number.isInteger(axis) && axis !== 0) || !isRising)
    throw config.wrong('axis', 'rising axes behind the batch', value);
  return axes as number[];
}
