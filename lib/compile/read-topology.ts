import { isRecord } from '../io/is-record.ts';
import type { Dialect } from '../layers/layer-config.ts';
import { field, type Json, malformed } from './json.ts';
import type { ModelGraph } from './model-graph.ts';
import { readModel } from './read-model.ts';

/**
 * Reads the topology of a LayersModel in any of its dialects: TF.js's own, Keras 2 and Keras 3 as the converter
 * writes them.
 *
 * @throws SparseError `ERR_SPARSE_MODEL` for what is not a Sequential or functional model
 */
export function readTopology(topology: Json): { graph: ModelGraph; dialect: Dialect } {
  const inner = field(topology, 'model_config');
  const root = isRecord(inner) ? inner : topology;
  const dialect = dialectOf(field(topology, 'keras_version') ?? field(root, 'keras_version'));
  const className = field(root, 'class_name');
  if (typeof className !== 'string') throw malformed('the topology', 'a class_name', className);
  const graph = readModel(className, root.config, 'model', dialect, 0);
  if (!graph) throw malformed('the topology', 'a Sequential, Functional or Model at the root', className);
  return { graph, dialect };
}

function dialectOf(version: unknown): Dialect {
  if (typeof version !== 'string') return 'keras2';
  if (version.startsWith('tfjs')) return 'tfjs';
  return version.startsWith('3') ? 'keras3' : 'keras2';
}
