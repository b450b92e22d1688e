import type * as tfjs from '@tensorflow/tfjs';

/** TensorFlow.js, as the engine that runs the model has it. */
export type TfLayers = Pick<typeof tfjs, 'input' | 'layers' | 'model' | 'sequential'>;

/** A model built in TensorFlow.js, for comparisons with it. */
export interface HandBuiltModel {
  name: string;
  /** Builds it. */
  build(tf: TfLayers): tfjs.LayersModel;
  /** Of an input of indices: they are whole numbers below this. */
  words?: number;
}

/** One step of a functional model. */
export function applyTo(
  layer: tfjs.layers.Layer,
  inputs: tfjs.SymbolicTensor | tfjs.SymbolicTensor[],
): tfjs.SymbolicTensor {
  return layer.apply(inputs) as tfjs.SymbolicTensor;
}
