import type { ArtifactsLike } from '../../lib/io/model-source.ts';

export interface LayerEntry {
  className: string;
  name: string;
  config: Record<string, unknown>;
  /** Names of the layers (or inputs) that it is called on. */
  inputs: readonly string[];
}

export interface WeightEntry {
  name: string;
  shape: number[];
  values: Float32Array;
}

/**
 * A functional model as Keras 2 writes it, layer by layer: for classes and faults that TensorFlow.js cannot make.
 *
 * @param inputs - shapes without the batch, by name
 */
export function layersArtifacts(
  inputs: Readonly<Record<string, number[]>>,
  layers: readonly LayerEntry[],
  outputs: readonly string[],
  weights: readonly WeightEntry[] = [],
): ArtifactsLike {
  const doors = Object.entries(inputs).map(([name, shape]) => ({
    class_name: 'InputLayer',
    name,
    config: { name, batch_input_shape: [null, ...shape], dtype: 'float32' },
    inbound_nodes: [],
  }));
  const entries = layers.map(({ className, name, config, inputs: from }) => ({
    class_name: className,
    name,
    config: { name, trainable: true, dtype: 'float32', ...config },
    inbound_nodes: [from.map((layer) => [layer, 0, 0, {}])],
  }));
  const config = {
    name: 'model',
    layers: [...doors, ...entries],
    input_layers: Object.keys(inputs).map((name) => [name, 0, 0]),
    output_layers: outputs.map((name) => [name, 0, 0]),
  };
  return {
    modelTopology: { keras_version: '2.15.0', model_config: { class_name: 'Functional', config } },
    weightSpecs: weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' as const })),
    weightData: new Uint8Array(Buffer.concat(weights.map(({ values }) => new Uint8Array(values.buffer))))
      .buffer,
  };
}
