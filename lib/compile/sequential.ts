import { field, malformed } from './json.ts';
import { type GraphLayer, type ModelGraph, noCalls, soleCall, type TensorRef } from './model-graph.ts';

/**
 * A Sequential model as a graph: each layer is called once, on the output of the one before. Where the file has
 * no InputLayer, one is made from the input shape that stands on the first layer, in a model nested there, or on
 * the Sequential itself.
 */
export function sequentialGraph(
  name: string,
  list: readonly GraphLayer[],
  buildInputShape: unknown,
): ModelGraph {
  const [first] = list;
  if (!first) throw malformed(`Sequential "${name}"`, 'at least one layer (is the model built?)', 'none');
  const layers = new Map<string, GraphLayer>();
  const chain = isInput(first) ? list : [makeInput(name, first, buildInputShape), ...list];
  let previous: TensorRef | undefined;
  for (const layer of chain) {
    if (layers.has(layer.name))
      throw malformed(`Sequential "${name}"`, 'layers with names of their own', layer.name);
    Object.assign(layer, soleCall(previous ? [previous] : []));
    layers.set(layer.name, layer);
    previous = { layer: layer.name, call: 0, tensor: 0 };
  }
  const inputs = [{ layer: chain[0]!.name, call: 0, tensor: 0 }];
  return { name, className: 'Sequential', layers, inputs, outputs: [previous!] };
}

function makeInput(model: string, first: GraphLayer, buildInputShape: unknown): GraphLayer {
  const shape = inputShape(first) ?? buildInputShape;
  if (shape === undefined || shape === null) {
    throw malformed(
      `Sequential "${model}"`,
      'an input shape on its first layer (build the model first)',
      'none',
    );
  }
  // TF.js names a made input after the layer, and takes over the input of a model that stands first.
  const nested = first.kind === 'model' ? first.graph.inputs[0]?.layer : undefined;
  const name = nested ?? `${first.name}_input`;
  return {
    kind: 'layer',
    name,
    ownName: name,
    className: 'InputLayer',
    config: { batch_input_shape: shape },
    ...noCalls(),
  };
}

function inputShape(layer: GraphLayer): unknown {
  if (layer.kind === 'layer')
    return field(layer.config, 'batch_input_shape') ?? field(layer.config, 'batch_shape');
  const input = layer.graph.layers.get(layer.graph.inputs[0]?.layer ?? '');
  return input && inputShape(input);
}

function isInput(layer: GraphLayer): boolean {
  return layer.kind === 'layer' && layer.className === 'InputLayer';
}
