import { isRecord } from '../io/is-record.ts';
import { field, malformed } from './json.ts';
import type { LeafLayer } from './model-graph.ts';

/** Class names of the wrappers that pruning puts around layers. */
const wrapperClasses = ['PruneLowMagnitude', 'PruningWrapper'];

/**
 * A layer inside a pruning wrapper becomes the layer itself: its weights are stored under its own name, and the
 * wrapper's mask is applied to them.
 */
export function unwrapPruning(layer: LeafLayer): LeafLayer {
  if (!wrapperClasses.includes(layer.className)) return layer;
  const inner = layer.config.layer;
  const className = isRecord(inner) ? field(inner, 'class_name') : undefined;
  const config = isRecord(inner) ? inner.config : undefined;
  if (typeof className !== 'string' || !isRecord(config)) {
    throw malformed(`pruning wrapper "${layer.name}"`, 'a layer with a class_name and a config', inner);
  }
  const ownName = typeof config.name === 'string' ? config.name : layer.name;
  // The input shape of a Sequential may stand on either of the two.
  const shape = field(config, 'batch_input_shape') ?? field(layer.config, 'batch_input_shape');
  return {
    ...layer,
    className,
    config: { ...config, ...(shape !== undefined && { batch_input_shape: shape }) },
    wrapper: layer.name,
    ownName,
  };
}
