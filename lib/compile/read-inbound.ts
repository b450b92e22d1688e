import { isRecord } from '../io/is-record.ts';
import { type CallArguments, TensorArgument } from '../layers/call-arguments.ts';
import { malformed } from './json.ts';
import type { LayerCalls, TensorRef } from './model-graph.ts';

/** What Keras 2 writes in the place of a tensor where an operation was given a number. */
const constantName = '_CONSTANT_VALUE';

/** Deeper lists than any tensor has axes; hostile files stop here instead of at the end of the stack. */
const maxDepth = 32;

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

/** What each call of a layer is given, from its `inbound_nodes`. */
export function readInboundNodes(nodes: unknown, layer: string): LayerCalls {
  const where = `inbound_nodes of layer "${layer}"`;
  const read: LayerCalls = { calls: [], callArguments: [] };
  if (nodes === undefined || nodes === null) return read;
  if (!Array.isArray(nodes)) throw malformed(where, 'a list', nodes);
  for (const node of nodes) {
    const refs: TensorRef[] = [];
    read.callArguments.push(isRecord(node) ? keras3Call(node, refs, where) : keras2Call(node, refs, where));
    read.calls.push(refs);
  }
  return read;
}

/** Keras 3 passes arguments as Python saw them: tensors lie anywhere in nested lists. */
function keras3Call(
  { args, kwargs }: Record<string, unknown>,
  refs: TensorRef[],
  where: string,
): CallArguments {
  const read = deepReader(where, (value) => {
    if (!isRecord(value) || value.class_name !== '__keras_tensor__') return undefined;
    return addRef(refs, isRecord(value.config) ? value.config.keras_history : undefined, where);
  });
  const positional = read(args ?? []);
  if (!Array.isArray(positional)) throw malformed(where, 'a list of arguments', args);
  return { positional, named: readNamed(kwargs, read) };
}

/** Keras 2 and TF.js list tensors, the other arguments behind each of them; an operation's single tensor stands bare. */
function keras2Call(node: unknown, refs: TensorRef[], where: string): CallArguments {
  const isBare = isBareRef(node);
  if (!isBare && !Array.isArray(node)) throw malformed(where, 'a list of [layer, call, tensor]', node);
  const list: readonly unknown[] = isBare ? [node] : node;
  const tensors = list.map((ref) =>
    isBareRef(ref) && ref[0] === constantName ? ref[2] : addRef(refs, ref, where),
  );
  const first = list[0];
  const named = Array.isArray(first) ? first[3] : undefined;
  const read = deepReader(where, (value) => {
    const isTensor = isBareRef(value) && value.length === 3 && isIndex(value[1]) && isIndex(value[2]);
    return isTensor ? addRef(refs, value, where) : undefined;
  });
  return { positional: isBare || list.length === 1 ? tensors : [tensors], named: readNamed(named, read) };
}

/** Reads lists in lists: what `find` takes for a tensor becomes one, everything else stays. */
function deepReader(
  where: string,
  find: (value: unknown) => TensorArgument | undefined,
): (value: unknown) => unknown {
  const read = (value: unknown, depth: number): unknown => {
    const tensor = find(value);
    if (tensor) return tensor;
    if (!Array.isArray(value)) return value;
    if (depth === maxDepth) throw malformed(where, `lists in lists of at most ${maxDepth} levels`, 'more');
    return value.map((item) => read(item, depth + 1));
  };
  return (value) => read(value, 0);
}

function readNamed(named: unknown, read: (value: unknown) => unknown): CallArguments['named'] {
  if (!isRecord(named)) return {};
  return Object.fromEntries(Object.entries(named).map(([key, value]) => [key, read(value)]));
}

function addRef(refs: TensorRef[], ref: unknown, where: string): TensorArgument {
  refs.push(readRef(ref, where));
  return new TensorArgument(refs.length - 1);
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
