import type { LayerCall } from './layer-call.ts';
import { onlyTensor } from './layer-call.ts';
import type { LayerConfig } from './layer-config.ts';
import type { LayerType } from './layer-type.ts';
import { combine } from './ops/binary.ts';
import { constant } from './ops/graph-tensor.ts';

/** What Keras keeps the standard deviation above. */
const epsilon = 1e-7;

/**
 * (x - mean) / √variance, or with `invert` the way back; one mean for each entry of the axes, learned by `adapt()` or given in the
 * configuration. TensorFlow.js has no such layer, Keras has.
 */
export const normalization: LayerType = {
  classNames: ['Normalization'],
  lower: (config) => {
    const axes = readAxes(config);
    const invert = config.boolean('invert', false);
    const given = { mean: readNumbers(config, 'mean'), variance: readNumbers(config, 'variance') };
    return (call) => {
      const input = onlyTensor(call);
      const kept = axes.map((axis) => call.op.axisOf(axis, input.shape.length)).sort((a, b) => a - b);
      if (kept.includes(0)) throw config.wrong('axis', 'axes behind the batch', axes);
      const sizes = kept.map((axis) => input.shape[axis] as number);
      const wide = input.shape.map((size, axis) => (kept.includes(axis) ? (size as number) : 1));
      const shape = wide.slice(kept[0] ?? wide.length);
      const [mean, variance] = (['mean', 'variance'] as const).map((name) =>
        valuesOf(call, name, given[name], sizes),
      ) as [Float32Array, Float32Array];
      const deviation = variance.map((value) => Math.max(Math.sqrt(value), epsilon));
      const tensor = (values: Float32Array) => constant('float32', shape, values);
      const result = invert
        ? combine(call.op, 'add', combine(call.op, 'mul', input, tensor(deviation)), tensor(mean))
        : combine(
            call.op,
            'mul',
            combine(call.op, 'sub', input, tensor(mean)),
            tensor(deviation.map((value) => 1 / value)),
          );
      return [call.op.portId(result)];
    };
  },
};

/** The axes with a mean for each entry; null: one mean for all. */
function readAxes(config: LayerConfig): number[] {
  const axis = config.has('axis') ? (config.get('axis') ?? []) : -1;
  const axes = Array.isArray(axis) ? axis : [axis];
  if (!axes.every((one) => Number.isInteger(one))) throw config.wrong('axis', 'axes', axis);
  return axes;
}

/** A number or numbers, however deep they lie in lists; `undefined`: they are weights. */
function readNumbers(config: LayerConfig, key: string): number[] | undefined {
  const value = config.get(key);
  if (value === undefined) return undefined;
  const list = (Array.isArray(value) ? value.flat(8) : [value]) as unknown[];
  if (list.length === 0 || !list.every((one) => Number.isFinite(one)))
    throw config.wrong(key, 'numbers', value);
  return list as number[];
}

function valuesOf(
  call: LayerCall,
  name: 'mean' | 'variance',
  given: readonly number[] | undefined,
  sizes: readonly number[],
): Float32Array {
  if (!given) return call.weight(name, sizes);
  const count = sizes.reduce((a, b) => a * b, 1);
  if (given.length !== 1 && given.length !== count)
    throw call.op.unfit(`${count} numbers as ${name}`, given.length);
  return Float32Array.from({ length: count }, (_, i) => given[given.length === 1 ? 0 : i]!);
}
