import type { serialization } from '@tensorflow/tfjs-core';
import { SparseError } from '../errors.ts';
import { tfc } from './peers.ts';
import type { Layer } from './tf-types.ts';

type LayerClass = serialization.SerializableConstructor<Layer> & {
  fromConfig(cls: LayerClass, config: serialization.ConfigDict): Layer;
};

/**
 * A new layer of the same configuration, without weights yet.
 *
 * @param changes - entries of the configuration that differ
 */
export function copyLayer(layer: Layer, changes: Readonly<Record<string, unknown>> = {}): Layer {
  const cls = layer.constructor as unknown as LayerClass;
  const copy = cls.fromConfig(cls, { ...layer.getConfig(), ...changes } as serialization.ConfigDict);
  // Its weights are overwritten at once: no need to draw them.
  copy.setFastWeightInitDuringBuild(true);
  return copy;
}

/** Copies the values of all weights of one built layer to another of the same configuration. */
export function copyWeights(from: Layer, to: Layer): void {
  from.weights.forEach((weight, i) => {
    to.weights[i]!.write(weight.read());
  });
}

/**
 * Makes a layer from the class name and configuration of a saved model.
 *
 * @throws {@link SparseError} `ERR_SPARSE_MODEL` for a class that TF.js does not know
 */
export function layerFromSaved(saved: { className: string; config: serialization.ConfigDict }): Layer {
  const classes = tfc.serialization.SerializationMap.getMap().classNameMap;
  const entry = classes[saved.className];
  if (!entry) {
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `pruning: the saved model holds a layer of class "${saved.className}", which TF.js does not know. ` +
        'Register the class with tf.serialization.registerClass before loading.',
      { expected: 'a registered class', received: saved.className },
    );
  }
  const [cls, fromConfig] = entry;
  return fromConfig(cls, saved.config) as Layer;
}
