import type { io } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-node';

/** What TF.js hands to a save handler. */
export async function artifactsOf(model: tf.LayersModel): Promise<io.ModelArtifacts> {
  let saved: io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  return saved!;
}

export type Json = { [key: string]: unknown };

/** A deep copy in which `change` has replaced objects, the innermost first. */
export function rewrite(value: unknown, change: (object: Json) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return change(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rewrite(item, change)])));
}

/** The same model as Keras 2 writes it. */
export function asKeras2(artifacts: io.ModelArtifacts): io.ModelArtifacts {
  const { class_name, config } = artifacts.modelTopology as Json;
  const model = rewrite({ class_name, config }, (object) =>
    object.class_name === 'Model' ? { ...object, class_name: 'Functional' } : object,
  );
  return {
    ...artifacts,
    modelTopology: { keras_version: '2.15.0', backend: 'tensorflow', model_config: model as object },
  };
}

/**
 * The same model as Keras 3 writes it: batch_shape, arguments with Keras tensors, calls of nested models from 0, a single
 * input bare, dtype policies, negative_slope, and the model's name in front of every weight.
 */
export function asKeras3(artifacts: io.ModelArtifacts): io.ModelArtifacts {
  const { class_name, config } = artifacts.modelTopology as Json;
  const nested = new Set<string>();
  rewrite(config, (object) => {
    if (Array.isArray((object.config as Json | undefined)?.layers)) nested.add(object.name as string);
    return object;
  });
  const call = (layer: string, index: number) => index - (nested.has(layer) ? 1 : 0);
  const tensor = ([layer, index, output]: [string, number, number]) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null], dtype: 'float32', keras_history: [layer, call(layer, index), output] },
  });
  const model = rewrite({ class_name, config }, (object) => {
    const { batch_input_shape, inbound_nodes, alpha, dtype, ...rest } = object;
    if (rest.class_name === 'Model') rest.class_name = 'Functional';
    for (const key of ['input_layers', 'output_layers']) {
      const refs = rest[key] as [string, number, number][] | undefined;
      const counted = refs?.map(([layer, index, output]) => [layer, call(layer, index), output]);
      if (counted) rest[key] = counted.length === 1 ? counted[0] : counted;
    }
    if (Array.isArray(inbound_nodes)) {
      rest.inbound_nodes = inbound_nodes.map((node: [string, number, number][]) => {
        const tensors = node.map(tensor);
        return { args: tensors.length === 1 ? tensors : [tensors], kwargs: { mask: null } };
      });
    }
    if (dtype) rest.dtype = { class_name: 'DTypePolicy', config: { name: dtype } };
    if (alpha !== undefined) rest.negative_slope = alpha;
    return batch_input_shape ? { ...rest, batch_shape: batch_input_shape } : rest;
  });
  const name = (config as Json).name as string;
  return {
    ...artifacts,
    modelTopology: { keras_version: '3.5.0', backend: 'tensorflow', model_config: model as object },
    weightSpecs: artifacts.weightSpecs!.map((spec) => ({ ...spec, name: `${name}/${spec.name}` })),
  };
}
