import type { Tensor } from '@tensorflow/tfjs-core';
import { asList, type Layer } from '../tf-types.ts';
import { constantOf, type Findings, type Flow } from './flow.ts';
import {
  acrossChannels,
  activated,
  activationName,
  constantSums,
  linearMap,
  throughTensor,
  weightValues,
} from './matrix-layers.ts';

/** What becomes of the channels in one call of a layer; shapes are filled in by the caller. */
type Walk = (layer: Layer, inputs: Flow[], findings: Findings) => Omit<Flow, 'shape'>;

const together = 'an output of the model, or what a layer makes of all channels together';

/** Remembers which channels a layer's weights belong to; a second call of the layer ties them to those of the first. */
function remember(layer: Layer, inputs: number[], outputs: number[], { classes, slots }: Findings): void {
  const known = slots.get(layer);
  if (known) classes.tie(known.inputs, inputs);
  else slots.set(layer, { inputs, outputs });
}

/** Outputs are channels of the layer's own; inputs are multiplied with weights. */
const matrix: Walk = (layer, [input], findings) => {
  const { classes, producers, consumptions, named } = findings;
  const map = linearMap(layer);
  const known = producers.get(layer);
  const channels = known ?? classes.create(map.outputs);
  producers.set(layer, channels);
  remember(layer, input!.channels, channels, findings);
  const { everywhere } = map;
  consumptions.push({ layer, channels: input!.channels, constants: input!.constants, everywhere });
  const constants = [...activated(layer, constantSums(map, input!.constants))];
  for (const output of named[layer.name] ?? []) constants[output] = 0;
  if (acrossChannels.has(activationName(layer))) classes.keep(channels, together);
  classes.keep(
    channels.filter((_, o) => constants[o] === undefined),
    'tied to a channel that is alive',
  );
  return { channels, constants };
};

/** Each input channel makes `multiplier` neighbouring output channels, which follow it. */
const depthwise: Walk = (layer, [input], findings) => {
  const weights = weightValues(layer);
  const { values, shape } = weights.get('depthwise_kernel')!;
  const bias = weights.get('bias')?.values;
  const multiplier = shape[3]!;
  const outputs = shape[2]! * multiplier;
  const { padding } = layer.getConfig() as { padding?: string };
  const channels = input!.channels.flatMap((channel) => Array<number>(multiplier).fill(channel));
  remember(layer, input!.channels, channels, findings);
  const sums = channels.map((_, o) => {
    const constant = input!.constants[Math.trunc(o / multiplier)];
    let [sum, zero] = [0, true];
    for (let at = o; at < values.length; at += outputs) {
      sum += values[at]!;
      zero &&= values[at] === 0;
    }
    if (zero) return bias?.[o] ?? 0;
    if (constant === undefined || (padding !== 'valid' && constant !== 0)) return undefined;
    return constantOf(constant * sum + (bias?.[o] ?? 0));
  });
  if (acrossChannels.has(activationName(layer))) findings.classes.keep(channels, together);
  return { channels, constants: activated(layer, sums) };
};

const batchNormalization: Walk = (layer, [input], findings) => {
  const weights = weightValues(layer);
  const { epsilon = 1e-3 } = layer.getConfig() as { epsilon?: number };
  const at = (name: string, i: number, otherwise: number) => weights.get(name)?.values[i] ?? otherwise;
  remember(layer, input!.channels, input!.channels, findings);
  const constants = input!.constants.map((value, i) => {
    if (value === undefined) return undefined;
    const deviation = Math.sqrt(at('moving_variance', i, 1) + epsilon);
    return constantOf(((value - at('moving_mean', i, 0)) * at('gamma', i, 1)) / deviation + at('beta', i, 0));
  });
  return { channels: input!.channels, constants };
};

const same: Walk = (_, [input]) => ({ channels: input!.channels, constants: input!.constants });

/** An elementwise layer, run on the constants themselves. */
const elementwise: Walk = (layer, [input], { classes }) => {
  const { channels, constants } = input!;
  if (acrossChannels.has(activationName(layer))) {
    classes.keep(channels, together);
    return { channels, constants: constants.map(() => undefined) };
  }
  if (constants.every((value) => value === undefined)) return { channels, constants };
  const call = (x: Tensor) => asList(layer.call(x, {}) as Tensor | Tensor[])[0]!;
  return { channels, constants: throughTensor(constants, call) };
};

/** Zeros come in at the edges: only a channel of zeros stays constant. */
const padded: Walk = (_, [input]) => ({
  channels: input!.channels,
  constants: input!.constants.map((value) => (value === 0 ? 0 : undefined)),
});

const flatten: Walk = (_, [input], { classes }) => {
  const places = input!.shape.slice(1, -1);
  if (places.includes(null)) return unknown(input!, classes.create(1), classes);
  const times = (places as number[]).reduce((product, length) => product * length, 1);
  const repeat = <T>(values: T[]) => Array.from({ length: times }, () => values).flat();
  return { channels: repeat(input!.channels), constants: repeat(input!.constants) };
};

function unknown(input: Flow, channels: number[], classes: Findings['classes']): Omit<Flow, 'shape'> {
  classes.keep([...input.channels, ...channels], together);
  return { channels, constants: channels.map(() => undefined) };
}

/** A reshape that leaves the last axis alone; any other mixes channels. */
const reshape: Walk = (layer, [input], findings) => {
  const { channels, constants } = input!;
  const last = (layer.computeOutputShape(input!.shape) as (number | null)[]).at(-1);
  if (last === channels.length) {
    remember(layer, channels, channels, findings);
    return { channels, constants };
  }
  return pinned(layer, [input!], findings);
};

type Combine = (values: number[]) => number;

/** Inputs of the same channels, entry by entry. */
function merged(combine: Combine): Walk {
  return (layer, inputs, findings) => {
    const [first, ...rest] = inputs as [Flow, ...Flow[]];
    const { length } = first.channels;
    if (inputs.some(({ channels }) => channels.length !== length)) return pinned(layer, inputs, findings);
    for (const { channels } of rest) findings.classes.tie(first.channels, channels);
    const constants = first.channels.map((_, i) => {
      const values = inputs.map((input) => input.constants[i]);
      return values.includes(undefined) ? undefined : constantOf(combine(values as number[]));
    });
    return { channels: first.channels, constants };
  };
}

const concatenate: Walk = (layer, inputs, findings) => {
  const { axis = -1 } = layer.getConfig() as { axis?: number };
  const rank = inputs[0]!.shape.length;
  if (axis === -1 || axis === rank - 1) {
    return {
      channels: inputs.flatMap(({ channels }) => channels),
      constants: inputs.flatMap(({ constants }) => constants),
    };
  }
  const sameValue = merged((values) =>
    values.every((value) => value === values[0]) ? values[0]! : Number.NaN,
  );
  return sameValue(layer, inputs, findings);
};

/** A layer that this walk does not know: its inputs and outputs stay. */
const pinned: Walk = (layer, inputs, { classes }) => {
  for (const { channels } of inputs) classes.keep(channels, together);
  const shape = layer.computeOutputShape(
    inputs.length === 1 ? inputs[0]!.shape : inputs.map((one) => one.shape),
  );
  const last = (Array.isArray(shape[0]) ? shape[0].at(-1) : shape.at(-1)) as number | null;
  const channels = classes.create(last ?? 1);
  classes.keep(channels, together);
  return { channels, constants: channels.map(() => undefined) };
};

const product = (values: number[]) => values.reduce((a, b) => a * b, 1);
const total = (values: number[]) => values.reduce((a, b) => a + b, 0);

const walks: Readonly<Record<string, Walk>> = {
  Dense: matrix,
  Conv1D: matrix,
  Conv2D: matrix,
  Conv3D: matrix,
  SeparableConv2D: matrix,
  DepthwiseConv2D: depthwise,
  BatchNormalization: batchNormalization,
  Activation: elementwise,
  ReLU: elementwise,
  LeakyReLU: elementwise,
  ELU: elementwise,
  ThresholdedReLU: elementwise,
  Flatten: flatten,
  Reshape: reshape,
  ZeroPadding2D: padded,
  Add: merged(total),
  Subtract: merged(([a, b]) => a! - b!),
  Multiply: merged(product),
  Average: merged((values) => total(values) / values.length),
  Maximum: merged((values) => Math.max(...values)),
  Minimum: merged((values) => Math.min(...values)),
  Concatenate: concatenate,
  ...Object.fromEntries(
    [
      'Dropout',
      'SpatialDropout1D',
      'GaussianNoise',
      'GaussianDropout',
      'AlphaDropout',
      'RepeatVector',
      'UpSampling2D',
      'Cropping2D',
      ...['1D', '2D', '3D'].flatMap((rank) => ['MaxPooling', 'AveragePooling'].map((pool) => pool + rank)),
      ...['1D', '2D'].flatMap((rank) =>
        ['GlobalMaxPooling', 'GlobalAveragePooling'].map((pool) => pool + rank),
      ),
    ].map((name) => [name, same]),
  ),
};

/** Batch normalization of another axis than the last, channels first: the last axis is no channel there. */
function isForeign(layer: Layer, inputs: readonly Flow[]): boolean {
  const { dataFormat, axis } = layer.getConfig() as { dataFormat?: string; axis?: number };
  if (dataFormat === 'channelsFirst') return true;
  const rank = inputs[0]?.shape.length ?? 0;
  return (
    layer.getClassName() === 'BatchNormalization' && axis !== undefined && axis !== -1 && axis !== rank - 1
  );
}

/** One call of a layer: what becomes of its inputs' channels. */
export function walkLayer(layer: Layer, inputs: Flow[], findings: Findings): Flow[] {
  const walk = isForeign(layer, inputs) ? pinned : (walks[layer.getClassName()] ?? pinned);
  const shape = layer.computeOutputShape(
    inputs.length === 1 ? inputs[0]!.shape : inputs.map((one) => one.shape),
  );
  if (!Array.isArray(shape[0])) {
    return [{ ...walk(layer, inputs, findings), shape: shape as (number | null)[] }];
  }
  // Several outputs: nothing here has them but layers that are not known.
  return (shape as (number | null)[][]).map((one) => {
    const { channels, constants } = pinned(layer, inputs, findings);
    const length = one.at(-1) ?? 1;
    return length === channels.length
      ? { channels, constants, shape: one }
      : { ...unknown(inputs[0]!, findings.classes.create(length), findings.classes), shape: one };
  });
}
