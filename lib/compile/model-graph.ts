import { type CallArguments, noArguments } from '../layers/call-arguments.ts';

/** An output of one call of a layer. */
export interface TensorRef {
  layer: string;
  /** Which call, from 0 in the order of the topology. */
  call: number;
  tensor: number;
}

/** The calls of one layer. */
export interface LayerCalls {
  /** The inputs of each call; an input layer has one call without inputs. */
  calls: TensorRef[][];
  /** How each call was given those inputs, and what else. */
  callArguments: CallArguments[];
}

interface GraphLayerBase extends LayerCalls {
  /** Name that the model's references use. */
  name: string;
}

/** A layer with a configuration. */
export interface LeafLayer extends GraphLayerBase {
  kind: 'layer';
  className: string;
  config: Readonly<Record<string, unknown>>;
  /** The pruning wrapper that it was found in, by name. */
  wrapper?: string;
  /** The layer's own name; differs from `name` inside a pruning wrapper. */
  ownName: string;
}

/** A model used as a layer. */
export interface NestedModel extends GraphLayerBase {
  kind: 'model';
  graph: ModelGraph;
}

export type GraphLayer = LeafLayer | NestedModel;

/** A Sequential or functional model, whoever wrote it: layers by name, and who calls whom. */
export interface ModelGraph {
  name: string;
  /** 'Sequential', 'Functional' or 'Model'. */
  className: string;
  layers: ReadonlyMap<string, GraphLayer>;
  inputs: TensorRef[];
  outputs: TensorRef[];
}

/** One call on some tensors and nothing else. */
export function soleCall(inputs: TensorRef[]): LayerCalls {
  return { calls: [inputs], callArguments: [noArguments] };
}

/** Of a layer whose calls are not read yet. */
export function noCalls(): LayerCalls {
  return { calls: [], callArguments: [] };
}
