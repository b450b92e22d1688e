import type * as tf from '@tensorflow/tfjs-node';
import type { LayerRun } from '../../../helpers/layer-session.ts';
import type { Random } from '../../../helpers/random.ts';

/** A random layer, the shapes of its inputs without the batch, and how to run it. */
export interface LayerCase {
  layer: tf.layers.Layer;
  inputs: readonly (readonly number[])[];
  run?: LayerRun;
  /** The values of a layer that TensorFlow.js runs on tensors and not inside a model: a batch of 2. */
  alone?: Float32Array;
}

export type MakeLayer = (random: Random) => LayerCase;

/** Makers by class name, several for a class with several sides. */
export type LayerCases = Readonly<Record<string, MakeLayer>>;

export const coin = (random: Random) => random.next() < 0.5;

/** Sizes from 1 to `most`. */
export function anyShape(random: Random, least: number, rank: number, most = 6): number[] {
  return Array.from({ length: random.integer(least, rank) }, () => random.integer(1, most));
}

/** Of every layer that has an `activation`; those that all of TensorFlow.js has are in activations.test.ts. */
const activations = ['linear', 'relu', 'relu6', 'sigmoid', 'tanh', 'elu', 'selu', 'softmax', 'swish', 'gelu'];

export function anyActivation(random: Random): { activation: 'linear'; useBias: boolean } {
  return { activation: random.pick(activations) as 'linear', useBias: coin(random) };
}

export const anyPadding = (random: Random) => random.pick(['same', 'valid'] as const);

/** [height, width, channels] */
export function picture(random: Random): number[] {
  return [random.integer(3, 10), random.integer(3, 10), random.integer(1, 6)];
}

/** [steps, features] */
export function sequence(random: Random, least = 1): number[] {
  return [random.integer(least, 10), random.integer(1, 6)];
}

/** Two numbers, or one for both. */
export function pair(random: Random, most: number): number | [number, number] {
  const [first, second] = [random.integer(1, most), random.integer(1, most)];
  return coin(random) ? first : [first, second];
}
