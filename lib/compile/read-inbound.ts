import { isRecord } from '../io/is-record.ts';
import { malformed } from './json.ts';
import type { TensorRef } from './model-graph.ts';

/**
 * `input_layers` or `output_layers`: a list of [layer, call, tensor]; Keras 3 writes a single one bare and named
 * ones as an object.
 */
export function readRefs(value: unknown, where: string): TensorRef[] {
  if (isBareRef(value)) return [readRef(value, where)];
  const list = isRecord(value) ? Object.values(value) : value;
  if (!Array.isArray(list)) throw malformed(where, 'a list of [layer, call, tensor]', value);
  return list.map((ref) => readRef(ref, where));
}

/** The inputs of each call of a layer, from its `inbound_nodes`. */
export function readInboundNodes(nodes: unknown, layer: string): TensorRef[][] {
  const where = `inbound_nodes of layer "${layer}"`;
  if (nodes === undefined || nodes === null) return [];
  if (!Array.isArray(nodes)) throw malformed(where, 'a list', nodes);
  return nodes.map((node) => {
    if (isRecord(node)) return collectTensors(node.args, where);
    if (isBareRef(node)) return [readRef(node, where)];
    if (!Array.isArray(node)) throw malformed(where, 'a list of [layer, call, tensor]', node);
    return node.map((ref) => readRef(ref, where));
  });
}

/** Keras 3 passes arguments as Python saw them: tensors lie anywhere in nested lists. */
function collectTensors(args: unknown, where: string): TensorRef[] {
  const refs: TensorRef[] = [];
  const pending: unknown[] = [args];
  while (pending.length > 0) {
    const item = pending.pop();
    if (Array.isArray(item)) {
      for (let i = item.length - 1; i >= 0; i--) pending.push(item[i]);
    } else if (isRecord(item) && item.class_name === '__keras_tensor__') {
      refs.push(readRef(isRecord(item.config) ? item.config.keras_history : undefined, where));
    }
  }
  return refs;
}

function isBareRef(value: unknown): value is [string, ...unknown[]] {
  return Array.isArray(value) && typeof value[0] === 'string';
}

function readRef(ref: unknown, where: string): TensorRef {
  if (isBareRef(ref)) {
    const [layer, call, tensor] = ref;
    if (isIndex(call) && isIndex(tensor)) return { layer, call, tensor };
  }
  throw malformed(where, '[layer, call, tensor]', ref);
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
