import type { Tensor } from '@tensorflow/tfjs-core';
import { tfc } from '../peers.ts';
import { localName } from '../prunable-weights.ts';
import type { Layer } from '../tf-types.ts';
import { constantOf, type Flow } from './flow.ts';

/** A layer's weights as plain numbers, by name inside the layer. */
export function weightValues(layer: Layer): Map<string, { values: Float32Array; shape: number[] }> {
  return new Map(
    layer.weights.map((weight) => {
      const name = localName(layer, weight);
      const values = weight.read().dataSync() as Float32Array;
      return [name.slice(name.lastIndexOf('/') + 1), { values, shape: weight.shape as number[] }];
    }),
  );
}

/** A layer as the sum that it takes: for each tap, a matrix [inputs, outputs]. */
export interface LinearMap {
  inputs: number;
  outputs: number;
  /** Row-major [taps, inputs, outputs]. */ values: Float32Array;
  bias: Float32Array | undefined;
  /** No zeros are padded. */ everywhere: boolean;
}

/** The matrix of a SeparableConv2D: depthwise times pointwise, tap by tap. */
function separable(weights: ReturnType<typeof weightValues>): Float32Array {
  const depthwise = weights.get('depthwise_kernel')!;
  const pointwise = weights.get('pointwise_kernel')!;
  const [height, width, inputs, multiplier] = depthwise.shape as [number, number, number, number];
  const outputs = pointwise.shape.at(-1)!;
  const values = new Float32Array(height * width * inputs * outputs);
  for (let row = 0; row < height * width * inputs; row++) {
    for (let j = 0; j < multiplier; j++) {
      const factor = depthwise.values[row * multiplier + j]!;
      const from = ((row % inputs) * multiplier + j) * outputs;
      for (let o = 0; o < outputs; o++) values[row * outputs + o]! += factor * pointwise.values[from + o]!;
    }
  }
  return values;
}

/** The sum that a Dense, Conv1D, Conv2D, Conv3D or SeparableConv2D layer takes. */
export function linearMap(layer: Layer): LinearMap {
  const weights = weightValues(layer);
  const kernel = weights.get('kernel');
  const bias = weights.get('bias')?.values;
  const { padding } = layer.getConfig() as { padding?: string };
  const everywhere = padding === undefined || padding === 'valid';
  if (kernel) {
    const [inputs, outputs] = kernel.shape.slice(-2) as [number, number];
    return { inputs, outputs, values: kernel.values, bias, everywhere };
  }
  const inputs = weights.get('depthwise_kernel')!.shape[2]!;
  const outputs = weights.get('pointwise_kernel')!.shape.at(-1)!;
  return { inputs, outputs, values: separable(weights), bias, everywhere };
}

/** Sum before the activation of every output that does not depend on the model's input. */
export function constantSums(map: LinearMap, constants: Flow['constants']): (number | undefined)[] {
  const { inputs, outputs, values, bias, everywhere } = map;
  const sums = Float64Array.from({ length: outputs }, (_, o) => bias?.[o] ?? 0);
  const varies = new Uint8Array(outputs);
  for (let row = 0; row * outputs < values.length; row++) {
    const constant = constants[row % inputs];
    const known = constant === 0 || (constant !== undefined && everywhere);
    for (let o = 0; o < outputs; o++) {
      const weight = values[row * outputs + o]!;
      if (weight === 0) continue;
      if (known) sums[o]! += weight * constant;
      else varies[o] = 1;
    }
  }
  return Array.from(sums, (sum, o) => (varies[o] === 1 ? undefined : constantOf(sum)));
}

/** What a removed input of a constant value adds to every output: Σ over taps of value · weight. */
export function contribution(map: LinearMap, input: number, value: number, to: Float64Array): void {
  const { inputs, outputs, values } = map;
  for (let row = input; row * outputs < values.length; row += inputs) {
    for (let o = 0; o < outputs; o++) to[o]! += value * values[row * outputs + o]!;
  }
}

interface Activated {
  activation?: { apply(x: Tensor): Tensor; getClassName(): string } | null;
}

/** Activations that look at all channels together. */
export const acrossChannels = new Set(['softmax', 'logSoftmax']);

/** Name of a layer's activation; 'linear' when it has none. */
export function activationName(layer: Layer): string {
  return (layer as Layer & Activated).activation?.getClassName() ?? 'linear';
}

/** A layer's activation, on constants. */
export function activated(layer: Layer, constants: Flow['constants']): Flow['constants'] {
  const { activation } = layer as Layer & Activated;
  if (!activation || constants.every((value) => value === undefined)) return constants;
  return throughTensor(constants, (x) => activation.apply(x));
}

/** Any elementwise function, on constants. */
export function throughTensor(constants: Flow['constants'], apply: (x: Tensor) => Tensor): Flow['constants'] {
  const values = tfc.tidy(() => {
    const result = apply(tfc.tensor1d(constants.map((value) => value ?? 0)));
    return tfc.keep(result);
  });
  const out = constants.map((value, i) =>
    value === undefined ? undefined : constantOf(values.dataSync()[i]),
  );
  values.dispose();
  return out;
}
