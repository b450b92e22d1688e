import { SparseError, shown, type UnsupportedLayer } from '../errors.ts';
import type { Artifacts, Weight } from '../io/artifacts.ts';
import {
  BatchIsMixed,
  batchDim,
  constant,
  type Dim,
  type GraphTensor,
  numbersOf,
} from '../layers/ops/graph-tensor.ts';
import { NodeAttributes } from '../layers/ops/node-attributes.ts';
import { type GraphContext, OpCall } from '../layers/ops/op-call.ts';
import { findOpType } from '../layers/ops/op-registry.ts';
import { combineSizes } from '../layers/ops/sizes.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../layers/unsupported-feature.ts';
import { PlanBuilder } from '../plan/builder.ts';
import type { Plan } from '../plan/plan.ts';
import { nodeOrder } from './node-order.ts';
import {
  type Edge,
  type Graph,
  type GraphNode,
  type GraphPort,
  isPlaceholder,
  readEdge,
  readGraph,
} from './read-graph.ts';

/** What a GraphModel becomes: a plan, or what stood in the way. */
export interface LoweredGraph {
  plan: Plan;
  /** Every node that cannot be compiled. */
  unsupported: readonly UnsupportedLayer[];
}

/**
 * The plan of a GraphModel before the passes.
 *
 * A signature that leaves the batch open gives a plan for any batch, unless the graph itself mixes the batch with other
 * axes: then, as with a batch that the signature fixes, the plan is for that one (1) only.
 *
 * @param wanted - outputs by name, signature key or `node:output`; default: those of the model
 */
export function lowerGraphModel(artifacts: Artifacts, wanted?: readonly string[]): LoweredGraph {
  const graph = readGraph(artifacts);
  const outputs = wanted?.map((name) => findOutput(graph, name)) ?? graph.outputs;
  if (outputs.length === 0) throw noOutputs(artifacts.origin);
  const fixed = fixedBatch(graph.inputs);
  if (fixed !== undefined) return new Lowering(graph, artifacts, fixed).lower(outputs);
  try {
    return new Lowering(graph, artifacts, 'any').lower(outputs);
  } catch (error) {
    if (!(error instanceof BatchIsMixed)) throw error;
    return new Lowering(graph, artifacts, 1).lower(outputs);
  }
}

/** The batch that the inputs fix; `undefined` when all leave it open. */
function fixedBatch(inputs: readonly GraphPort[]): number | undefined {
  const shapes = inputs.map(({ shape }) => shape ?? []);
  if (shapes.every((shape) => shape[0] === -1)) return undefined;
  return shapes.find((shape) => shape.length > 1 && shape[0] !== -1)?.[0] ?? 1;
}

class Lowering {
  private readonly graph: Graph;
  private readonly artifacts: Artifacts;
  private readonly context: GraphContext;
  private readonly results = new Map<string, readonly GraphTensor[] | undefined>();
  private readonly unsupported: UnsupportedLayer[] = [];

  constructor(graph: Graph, artifacts: Artifacts, batch: number | 'any') {
    this.graph = graph;
    this.artifacts = artifacts;
    this.context = { plan: new PlanBuilder(), batch, converted: new Map(), of: 'node' };
    if (batch !== 'any') this.context.plan.fixBatch(batch);
  }

  lower(outputs: readonly GraphPort[]): LoweredGraph {
    const { plan } = this.context;
    const order = nodeOrder(
      this.graph.nodes,
      outputs.map(({ edge }) => edge),
    );
    for (const port of this.graph.inputs) this.results.set(port.edge.node, [this.addInput(port)]);
    for (const node of order)
      if (!this.results.has(node.name)) this.results.set(node.name, this.lowerNode(node));
    const names = new Set<string>();
    for (const port of outputs) {
      const tensor = this.find(port.edge, `output "${port.name}"`);
      if (!tensor) continue;
      const name = names.has(port.name) ? `${port.name}:${port.edge.output}` : port.name;
      names.add(name);
      plan.output(
        name,
        new OpCall(name, 'output', new NodeAttributes(name, {}), [], this.context).portId(tensor),
      );
    }
    return { plan: plan.finish(), unsupported: this.unsupported };
  }

  private addInput({ name, shape, dtype }: GraphPort): GraphTensor {
    const { plan, batch } = this.context;
    if (!dtype || !shape || shape.slice(1).includes(-1)) throw openInput(name, shape);
    const full: Dim[] = shape.map((size) => (size !== -1 ? size : batch === 'any' ? batchDim : batch));
    const isFirst = batch === 'any' || full[0] === batch;
    if (full.includes(0)) throw openInput(name, shape);
    const rest = numbersOf(full.slice(1));
    if (dtype === 'float32' && shape.length > 1 && isFirst)
      return { kind: 'value', dtype, shape: full, id: plan.input(name, rest) };
    const own = batch === 'any' ? rest : numbersOf(full);
    return { kind: 'value', dtype, shape: full, id: plan.inputArray(name, own, dtype, batch !== 'any') };
  }

  private lowerNode(node: GraphNode): readonly GraphTensor[] | undefined {
    if (node.op === 'Const') return this.collect(node, () => [this.weight(node)]);
    const type = findOpType(node.op);
    return this.collect(node, () => {
      if (isPlaceholder(node)) throw new UnsupportedFeature('it is not among the inputs of the signature');
      if (!type) throw new UnsupportedFeature(`this operation has no native step; ${keepInTensorFlow}`);
      const inputs = node.inputs.map((edge) => this.find(edge, `node "${node.name}"`));
      if (!inputs.every((input) => input !== undefined)) return undefined;
      const call = new OpCall(
        node.name,
        node.op,
        new NodeAttributes(node.name, node.attr),
        inputs,
        this.context,
      );
      const sizes = inputs.some(({ kind }) => kind === 'sizes') ? combineSizes(call) : undefined;
      return sizes ?? type.lower(call);
    });
  }

  private weight(node: GraphNode): GraphTensor {
    const weight = this.artifacts.weights.get(node.name);
    if (!weight) throw missingWeight(node.name, this.artifacts.weights.size);
    return asConstant(weight);
  }

  /** What an edge carries; `undefined` behind a node that cannot be compiled. */
  private find({ node, output }: Edge, reader: string): GraphTensor | undefined {
    const tensors = this.results.get(node);
    const tensor = tensors?.[output];
    if (tensors && !tensor) {
      throw new SparseError(
        'ERR_SPARSE_MODEL',
        `compile: ${reader} reads output ${output} of node "${node}", which has ${tensors.length}. Was the graph edited by hand?`,
        { layer: node, expected: `at most ${tensors.length} outputs`, received: output },
      );
    }
    return tensor;
  }

  /** Runs `work`; what it finds unsupported is noted and gives `undefined`. */
  private collect<T>(node: GraphNode, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof UnsupportedFeature)) throw error;
      this.unsupported.push({ name: node.name, className: node.op, advice: error.advice });
      return undefined;
    }
  }
}

function asConstant({ name, shape, dtype, data }: Weight): GraphTensor {
  if (data instanceof Float32Array && dtype === 'float32') return constant(dtype, shape, data);
  if (data instanceof Int32Array) return constant('int32', shape, data);
  if (data instanceof Uint8Array)
    return constant(
      'bool',
      shape,
      Int32Array.from(data, (value) => (value ? 1 : 0)),
    );
  throw new UnsupportedFeature(`weight "${name}" has elements of type ${dtype}; ${keepInTensorFlow}`);
}

function findOutput({ nodes, outputs }: Graph, name: string): GraphPort {
  const port = outputs.find((output) => output.name === name || output.key === name);
  if (port) return port;
  const edge = typeof name === 'string' ? readEdge(name) : undefined;
  if (edge && nodes.has(edge.node)) return { name, key: name, edge };
  const names = outputs.map((output) => output.name);
  throw new SparseError(
    'ERR_SPARSE_OPTION',
    `compile: outputs: the model has no output "${name}". Its outputs are ${names.join(', ')}.`,
    { tensor: 'outputs', expected: names, received: name },
  );
}

function openInput(name: string, shape: readonly number[] | undefined): SparseError {
  const text = shape
    ? `[${shape.map((size) => (size === -1 ? 'unknown' : size)).join(', ')}]`
    : 'an unknown shape';
  return new SparseError(
    'ERR_SPARSE_MODEL',
    `compile: input "${name}" has ${text}: only the batch may be unknown. Convert the model with a fixed input shape.`,
    { layer: name, expected: 'sizes of all axes but the batch', received: shape },
  );
}

function missingWeight(name: string, count: number): SparseError {
  return new SparseError(
    'ERR_SPARSE_MODEL',
    `compile: the weight "${name}" is missing among ${count} weights. Do model.json and the weight files belong together?`,
    { tensor: name, expected: name, received: 'nothing' },
  );
}

function noOutputs(origin: string): SparseError {
  return new SparseError(
    'ERR_SPARSE_MODEL',
    `compile: ${shown(origin)} has no outputs: expected a signature, or nodes that nobody reads. Is this the topology of a GraphModel?`,
    { tensor: 'model', expected: 'outputs', received: 'none' },
  );
}
