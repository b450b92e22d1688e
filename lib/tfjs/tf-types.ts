import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { LayersModel, layers } from '@tensorflow/tfjs-layers';

/** Any layer of TF.js; a model is one too. */
export type Layer = layers.Layer;

/** A Sequential or functional model, told from others by what it has. */
export function isLayersModel(model: unknown): model is LayersModel {
  const { layers, predict, getWeights } = (model ?? {}) as Partial<LayersModel>;
  return Array.isArray(layers) && typeof predict === 'function' && typeof getWeights === 'function';
}

/** A layer that contains layers. */
export function isModel(layer: Layer): layer is LayersModel {
  return Array.isArray((layer as Partial<LayersModel>).layers);
}

/** A node of a GraphModel's executor. */
export interface GraphNode {
  name: string;
  op: string;
  category: string;
  inputs: GraphNode[];
  inputNames: string[];
  attrParams: Record<string, { value?: unknown } | undefined>;
}

/** What of a GraphModel its type does not show. */
interface Executor {
  graph: { nodes: Record<string, GraphNode> };
  weightMap: Record<string, Tensor[]>;
}

/** The executor of a GraphModel that has loaded; undefined for anything else. */
export function executorOf(model: unknown): Executor | undefined {
  const { executor } = (model ?? {}) as { executor?: Executor };
  return executor?.graph?.nodes !== undefined && executor.weightMap !== undefined ? executor : undefined;
}

/** A GraphModel, told from others by what it has. */
export function isGraphModel(model: unknown): model is GraphModel {
  return executorOf(model) !== undefined;
}

/** The tensor behind each weight of a layer: a variable, whose dataId changes with its value. */
export function variablesOf(layer: Layer): Tensor[] {
  return layer.weights.map((weight) => weight.read());
}

/** The last part of a weight's name: kernel, bias, … */
export function localName(originalName: string): string {
  return originalName.slice(originalName.lastIndexOf('/') + 1);
}

/** Elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether a value is a float32 tensor that can be read. */
export function isFloatTensor(value: unknown): value is Tensor {
  const tensor = value as Partial<Tensor> | null | undefined;
  return (
    tensor?.dataId !== undefined &&
    tensor.dtype === 'float32' &&
    tensor.isDisposed === false &&
    Array.isArray(tensor.shape)
  );
}

/** One tensor as a kernel sees it: alive, whatever class it is of. */
export function isFloatInfo(info: TensorInfo): boolean {
  return info.dtype === 'float32';
}
