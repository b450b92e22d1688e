import { SparseError, shown } from '../errors.ts';
import type { Artifacts } from '../io/artifacts.ts';
import { isRecord } from '../io/is-record.ts';
import { dtypeOf, shapeOf } from '../layers/ops/node-attributes.ts';
import type { ValueDtype } from '../plan/plan.ts';

/** An output of a node. */
export interface Edge {
  node: string;
  output: number;
}

/** A node of a GraphModel. */
export interface GraphNode {
  name: string;
  op: string;
  /** Control inputs are left out: they order side effects, and there are none. */
  inputs: Edge[];
  attr: unknown;
}

/** An input or output of a GraphModel. */
export interface GraphPort {
  /** Name of its node, as TF.js's `model.inputs` and `model.outputs` give it. */
  name: string;
  /** Name in the signature. */
  key: string;
  edge: Edge;
  /** -1 where a size is unknown; `undefined` when the graph does not say. */
  shape?: number[];
  dtype?: ValueDtype;
}

export interface Graph {
  nodes: ReadonlyMap<string, GraphNode>;
  inputs: GraphPort[];
  outputs: GraphPort[];
}

/**
 * A GraphModel's nodes by name, and its inputs and outputs: those of its signature, else its placeholders and the nodes
 * that nobody reads.
 *
 * @throws SparseError `ERR_SPARSE_MODEL` for a graph that does not hang together
 */
export function readGraph({ topology, signature }: Artifacts): Graph {
  const list = topology.node;
  if (!Array.isArray(list)) throw malformed('the graph', 'a list of nodes', list);
  const nodes = new Map<string, GraphNode>();
  for (const entry of list) {
    const node = readNode(entry);
    if (nodes.has(node.name)) throw malformed('the graph', 'nodes with names of their own', node.name);
    nodes.set(node.name, node);
  }
  for (const node of nodes.values())
    for (const { node: source } of node.inputs)
      if (!nodes.has(source))
        throw malformed(`node "${node.name}"`, 'inputs that are nodes of the graph', source);
  const ports = (kind: 'inputs' | 'outputs') => signaturePorts(signature, kind, nodes);
  return {
    nodes,
    inputs: ports('inputs') ?? placeholders(nodes),
    outputs: ports('outputs') ?? unreadNodes(nodes),
  };
}

function readNode(entry: unknown): GraphNode {
  if (!isRecord(entry) || typeof entry.name !== 'string' || typeof entry.op !== 'string')
    throw malformed('a node', 'a name and an op', entry);
  const { name, op, attr } = entry;
  const inputs: unknown = entry.input ?? [];
  if (!Array.isArray(inputs)) throw malformed(`node "${name}"`, 'a list of inputs', inputs);
  const edges = inputs.flatMap((input: unknown) => {
    if (typeof input !== 'string') throw malformed(`node "${name}"`, 'inputs that are names', input);
    return input.startsWith('^') ? [] : [readEdge(input)];
  });
  return { name, op, inputs: edges, attr };
}

/** `node`, `node:1`; a function's output may be `node:name:1`. */
export function readEdge(text: string): Edge {
  const [node, ...rest] = text.split(':') as [string, ...string[]];
  const output = rest.length === 0 ? 0 : Number(rest.at(-1));
  if (!Number.isSafeInteger(output) || output < 0) throw malformed('an input', 'node or node:number', text);
  return { node, output };
}

function signaturePorts(
  signature: unknown,
  kind: 'inputs' | 'outputs',
  nodes: ReadonlyMap<string, GraphNode>,
): GraphPort[] | undefined {
  const entries = isRecord(signature) ? signature[kind] : undefined;
  if (!isRecord(entries) || Object.keys(entries).length === 0) return undefined;
  return Object.entries(entries).map(([key, info]) => {
    // Old signatures have the name as the key alone.
    const name = isRecord(info) && typeof info.name === 'string' ? info.name : key;
    const edge = readEdge(name);
    const node = nodes.get(edge.node);
    if (!node) throw malformed(`${kind} of the signature`, 'nodes of the graph', name);
    const described = isRecord(info) ? describe(info.tensorShape, info.dtype) : {};
    return { name: edge.node, key, edge, ...placeholderInfo(node), ...described };
  });
}

function placeholders(nodes: ReadonlyMap<string, GraphNode>): GraphPort[] {
  return [...nodes.values()].filter(isPlaceholder).map((node) => ({
    name: node.name,
    key: node.name,
    edge: { node: node.name, output: 0 },
    ...placeholderInfo(node),
  }));
}

export function isPlaceholder({ op }: GraphNode): boolean {
  return op === 'Placeholder' || op === 'PlaceholderWithDefault';
}

function placeholderInfo(node: GraphNode): Pick<GraphPort, 'shape' | 'dtype'> {
  if (!isPlaceholder(node) || !isRecord(node.attr)) return {};
  const { shape, dtype } = node.attr;
  return describe(isRecord(shape) ? shape.shape : undefined, isRecord(dtype) ? dtype.type : undefined);
}

function describe(shape: unknown, type: unknown): Pick<GraphPort, 'shape' | 'dtype'> {
  const sizes = shapeOf(shape);
  const dtype = dtypeOf(type);
  return { ...(sizes && { shape: sizes }), ...(dtype && { dtype }) };
}

function unreadNodes(nodes: ReadonlyMap<string, GraphNode>): GraphPort[] {
  const read = new Set([...nodes.values()].flatMap((node) => node.inputs.map((edge) => edge.node)));
  return [...nodes.values()]
    .filter(
      ({ name, op }) =>
        !read.has(name) && op !== 'NoOp' && op !== 'Const' && !isPlaceholder(nodes.get(name)!),
    )
    .map(({ name }) => ({ name, key: name, edge: { node: name, output: 0 } }));
}

function malformed(where: string, expected: string, received: unknown): SparseError {
  return new SparseError(
    'ERR_SPARSE_MODEL',
    `compile: ${where}: expected ${expected}, received ${shown(received)}. Is this the topology of a GraphModel?`,
    { layer: where, expected, received },
  );
}
