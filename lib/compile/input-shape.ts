import { SparseError } from '../errors.ts';
import { isRecord } from '../io/is-record.ts';
import { field, malformed } from './json.ts';
import type { GraphLayer } from './model-graph.ts';

/**
 * Shape of a model's input without the batch.
 *
 * @throws SparseError `ERR_SPARSE_MODEL` when another axis than the batch is unknown
 */
export function inputShapeOf(layer: GraphLayer): number[] {
  if (layer.kind !== 'layer' || layer.className !== 'InputLayer') {
    throw malformed(
      `model input "${layer.name}"`,
      'an InputLayer',
      layer.kind === 'layer' ? layer.className : 'a model',
    );
  }
  const shape = field(layer.config, 'batch_input_shape') ?? field(layer.config, 'batch_shape');
  if (!Array.isArray(shape) || shape.length === 0) {
    throw malformed(
      `input layer "${layer.name}"`,
      'batch_input_shape, a list that begins with the batch',
      shape,
    );
  }
  const rest: unknown[] = shape.slice(1);
  const unknown = rest.indexOf(null);
  if (unknown >= 0) {
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `compile: input "${layer.name}" has shape [${shape.map((size) => size ?? 'null').join(', ')}]: only the batch may be unknown, axis ${unknown + 1} is as well. Rebuild the model with a fixed input shape.`,
      { layer: layer.name, expected: 'sizes of all axes but the batch', received: shape },
    );
  }
  if (!rest.every((size): size is number => Number.isSafeInteger(size) && (size as number) > 0)) {
    throw malformed(`input layer "${layer.name}"`, 'positive sizes behind the batch', shape);
  }
  return rest;
}

/** Element type of a model's input, as TF.js and both Keras write it. */
export function inputDtypeOf(layer: GraphLayer): string {
  const dtype = layer.kind === 'layer' ? layer.config.dtype : undefined;
  if (isRecord(dtype) && isRecord(dtype.config)) return String(dtype.config.name);
  return typeof dtype === 'string' ? dtype : 'float32';
}
