import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel, layers, SymbolicTensor } from '@tensorflow/tfjs-layers';

/** Any layer of TF.js; a model is one too. */
export type Layer = layers.Layer;
/** A weight of a layer. */
export type LayerVariable = Layer['weights'][number];
/** Extra arguments of a layer's call. */
export type CallArgs = Record<string, unknown>;

/** The `tf.Variable` behind a layer's weight: `read` gives it, under the type of a tensor. */
export function variableOf(weight: LayerVariable): Variable {
  return weight.read() as Variable;
}

/** Changes the name under which a weight is saved and loaded. */
export function rename(weight: LayerVariable, originalName: string): void {
  (weight as { originalName: string }).originalName = originalName;
}

/** A layer that contains layers: a Sequential or functional model, alone or nested. */
export function isModel(layer: Layer | LayersModel): layer is LayersModel {
  return (
    Array.isArray((layer as Partial<LayersModel>).layers) && Array.isArray((layer as LayersModel).outputs)
  );
}

/** One call of a layer in a functional graph. */
export interface GraphNode {
  inputTensors: SymbolicTensor[];
  outputTensors: SymbolicTensor[];
  callArgs: CallArgs | null;
}

/** The call that made a symbolic tensor. */
export function nodeOf(tensor: SymbolicTensor): GraphNode {
  return tensor.sourceLayer.inboundNodes[tensor.nodeIndex] as unknown as GraphNode;
}

/** Tensors as a list, whether one or many came. */
export function asList<T>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value];
}

/** Gradients as `optimizer.applyGradients` takes them. */
export type Gradients = Record<string, Tensor> | { name: string; tensor: Tensor }[];
