import { isRecord } from '../io/is-record.ts';
import type { Dialect } from '../layers/layer-config.ts';
import { field, type Json, malformed } from './json.ts';
import { type GraphLayer, type LeafLayer, type ModelGraph, noCalls, soleCall } from './model-graph.ts';
import { normalizeCalls } from './normalize-calls.ts';
import { readInboundNodes, readRefs } from './read-inbound.ts';
import { sequentialGraph } from './sequential.ts';
import { unwrapPruning } from './unwrap-pruning.ts';

/** Deeper nesting than any model has; hostile files stop here instead of at the end of the stack. */
const maxDepth = 64;

/**
 * Reads a model from its class name and config, with all models nested in it.
 *
 * @returns `undefined` when the class is not a model but a layer
 */
export function readModel(
  className: string,
  config: unknown,
  fallbackName: string,
  dialect: Dialect,
  depth: number,
): ModelGraph | undefined {
  if (className === 'Sequential') {
    if (depth > maxDepth)
      throw malformed(fallbackName, `at most ${maxDepth} levels of nested models`, 'more');
    // Old files have the bare list of layers.
    const { name, layers } = Array.isArray(config)
      ? { name: fallbackName, layers: config }
      : fields(config, className);
    const read = layers.map((layer) => readLayer(layer, dialect, depth + 1).layer);
    return sequentialGraph(
      name ?? fallbackName,
      read,
      isRecord(config) ? field(config, 'build_input_shape') : undefined,
    );
  }
  if (className !== 'Functional' && className !== 'Model') return undefined;
  if (depth > maxDepth) throw malformed(fallbackName, `at most ${maxDepth} levels of nested models`, 'more');
  const { name, layers } = fields(config, className);
  const record = config as Json;
  const graph = {
    name: name ?? fallbackName,
    className,
    layers: new Map<string, GraphLayer>(),
    inputs: readRefs(field(record, 'input_layers'), 'input_layers'),
    outputs: readRefs(field(record, 'output_layers'), 'output_layers'),
  };
  const doors = graph.inputs.map((ref) => ref.layer);
  const twice = doors.find((name, i) => doors.indexOf(name) !== i);
  if (twice !== undefined) throw malformed(`model "${graph.name}"`, 'each input once in input_layers', twice);
  if (graph.outputs.length === 0) throw malformed(`model "${graph.name}"`, 'at least one output', 'none');
  for (const entry of layers) {
    const { layer, inbound } = readLayer(entry, dialect, depth + 1);
    if (graph.layers.has(layer.name))
      throw malformed(`model "${graph.name}"`, 'layers with names of their own', layer.name);
    const isInput = layer.kind === 'layer' && layer.className === 'InputLayer';
    Object.assign(layer, isInput ? soleCall([]) : readInboundNodes(inbound, layer.name));
    graph.layers.set(layer.name, layer);
  }
  normalizeCalls(graph, dialect);
  return graph;
}

function fields(config: unknown, className: string): { name?: string; layers: unknown[] } {
  const layers = isRecord(config) ? config.layers : undefined;
  if (!isRecord(config) || !Array.isArray(layers))
    throw malformed(`config of a ${className}`, 'a list of layers', layers);
  return { layers, ...(typeof config.name === 'string' && { name: config.name }) };
}

/** One entry of a model's `layers`; its calls are read by the caller. */
function readLayer(entry: unknown, dialect: Dialect, depth: number): { layer: GraphLayer; inbound: unknown } {
  const className = isRecord(entry) ? field(entry, 'class_name') : undefined;
  if (!isRecord(entry) || typeof className !== 'string')
    throw malformed('a layer', 'an object with a class_name', entry);
  const config = entry.config;
  const name = entry.name ?? (isRecord(config) ? config.name : undefined);
  if (typeof name !== 'string') throw malformed(`a ${className}`, 'a name', name);
  const inbound = field(entry, 'inbound_nodes');
  const graph = readModel(className, config, name, dialect, depth);
  if (graph) return { layer: { kind: 'model', name, ...noCalls(), graph }, inbound };
  const leaf: LeafLayer = {
    kind: 'layer',
    name,
    ...noCalls(),
    ownName: name,
    className,
    config: isRecord(config) ? config : {},
  };
  return { layer: unwrapPruning(leaf), inbound };
}
