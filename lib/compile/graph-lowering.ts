import { SparseError, type UnsupportedLayer } from '../errors.ts';
import type { Artifacts, Weight } from '../io/artifacts.ts';
import { countOf, hasCount, lowerCounted } from '../layers/ops/counted.ts';
import { batchDim, constant, type Dim, type GraphTensor, numbersOf } from '../layers/ops/graph-tensor.ts';
import { NodeAttributes } from '../layers/ops/node-attributes.ts';
import { type GraphContext, newContext, OpCall } from '../layers/ops/op-call.ts';
import { findOpType } from '../layers/ops/op-registry.ts';
import { combineSizes, scalarOf, sizesArray } from '../layers/ops/sizes.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../layers/unsupported-feature.ts';
import { PlanBuilder } from '../plan/builder.ts';
import type { Plan } from '../plan/plan.ts';
import { type Carried, dead, isBranch, lowerBranch } from './branches.ts';
import type { KnownInputs } from './known-inputs.ts';
import { findLoops, type Loop } from './loops.ts';
import { nodeOrder } from './node-order.ts';
import { type Edge, type Graph, type GraphNode, type GraphPort, isPlaceholder } from './read-graph.ts';
import { gathered, isSpreading, type Spread, spread, throughSpread } from './spread.ts';
import { type Apply, findListOp, type Item } from './tensor-lists.ts';

/** What a GraphModel becomes: a plan, or what stood in the way. */
export interface LoweredGraph {
  plan: Plan;
  /** Every node that cannot be compiled. */
  unsupported: readonly UnsupportedLayer[];
}

/** Rounds of a loop that are unrolled at most. */
const mostRounds = 1024;

/** Operations that take sizes as they are, a count among them. */
const takesSizes: ReadonlySet<string> = new Set([
  'Reshape',
  'Squeeze',
  'ExpandDims',
  'Identity',
  'Slice',
  'StridedSlice',
  'Fill',
  'Range',
  'Pad',
  'PadV2',
  'TopKV2',
]);

/** Adds the nodes of one graph to a plan, for one batch or for any. */
export class GraphModelLowering {
  private readonly graph: Graph;
  private readonly artifacts: Artifacts;
  private readonly inputs: KnownInputs;
  private readonly context: GraphContext;
  private readonly loops: ReadonlyMap<string, Loop>;
  /** What each node made: `dead` behind a branch that is not taken, `undefined` behind what cannot be compiled. */
  private readonly results = new Map<string, readonly Carried[] | undefined>();
  private readonly unsupported: UnsupportedLayer[] = [];

  constructor(graph: Graph, artifacts: Artifacts, inputs: KnownInputs, batch: number | 'any') {
    this.graph = graph;
    this.artifacts = artifacts;
    this.inputs = inputs;
    this.loops = findLoops(graph.nodes);
    this.context = newContext(new PlanBuilder(), 'node', batch);
    if (batch !== 'any') this.context.plan.fixBatch(batch);
  }

  lower(outputs: readonly GraphPort[]): LoweredGraph {
    for (const { port, value } of this.inputs.constants) this.results.set(port.edge.node, [value]);
    for (const port of this.inputs.open) this.results.set(port.edge.node, [this.addInput(port)]);
    this.lowerNodes(outputs.map(({ edge }) => edge));
    const names = new Set<string>();
    for (const port of outputs) {
      const tensor = this.find(port.edge, `output "${port.name}"`);
      if (!tensor) continue;
      const name = names.has(port.name) ? `${port.name}:${port.edge.output}` : port.name;
      names.add(name);
      const node = this.graph.nodes.get(port.edge.node)!;
      this.collect(node, () => this.addOutput(name, tensor));
    }
    return { plan: this.context.plan.finish(), unsupported: this.unsupported };
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

  private addOutput(name: string, carried: Carried): void {
    const { plan } = this.context;
    const call = this.callOf(name, 'output', {}, []);
    if (carried.kind === 'dead')
      throw new UnsupportedFeature(`its branch is never taken: there is no output "${name}"`);
    const apply: Apply = (op, inputs, attr) => this.apply(this.callOf(name, op, attr, inputs));
    const [found] = tensorsOf([carried], apply) as [GraphTensor];
    const tensor = found.kind === 'sizes' ? sizesArray(call, found) : found;
    const id = call.portId(tensor);
    const count = countOf(tensor);
    plan.output(name, id, count && call.arrayId(scalarOf(call, count)));
  }

  private callOf(name: string, op: string, attr: unknown, inputs: readonly GraphTensor[]): OpCall {
    return new OpCall(name, op, new NodeAttributes(name, attr), inputs, this.context);
  }

  /** Lowers what some edges need and what is not there yet. */
  private lowerNodes(edges: readonly Edge[]): void {
    const given = new Set(this.results.keys());
    const inputsOf = (node: GraphNode): readonly Edge[] => {
      if (given.has(node.name)) return [];
      return this.loops.get(node.name)?.enters.flatMap(({ inputs }) => inputs) ?? node.inputs;
    };
    for (const node of nodeOrder(this.graph.nodes, edges, inputsOf)) {
      if (this.results.has(node.name)) continue;
      const loop = this.loops.get(node.name);
      if (loop) this.lowerLoop(loop);
      else this.results.set(node.name, this.lowerNode(node));
    }
  }

  private lowerNode(node: GraphNode): readonly Carried[] | undefined {
    return this.collect(node, () => {
      if (node.op === 'Const') return [this.weight(node)];
      if (isPlaceholder(node)) throw new UnsupportedFeature('it is not among the inputs of the signature');
      const known = findListOp(node.op) ?? (isSpreading(node) || findOpType(node.op));
      const carried = node.inputs.map((edge) => this.find(edge, `node "${node.name}"`));
      if (isBranch(node)) return lowerBranch(node, carried);
      if (carried.some((input) => input?.kind === 'dead')) return [dead];
      if (!known) throw new UnsupportedFeature(`this operation has no native step; ${keepInTensorFlow}`);
      if (!carried.every((input) => input !== undefined)) return undefined;
      return this.lowerLive(
        node,
        carried.filter((input) => input.kind !== 'dead'),
      );
    });
  }

  private lowerLive(node: GraphNode, carried: readonly (Item | Spread)[]): readonly Carried[] {
    const apply: Apply = (op, inputs, attr) => this.apply(this.callOf(node.name, op, attr, inputs));
    if (node.op === 'Identity' && carried.length === 1) return carried;
    if (isSpreading(node)) return [spread(node, carried.filter(isNoList), apply)];
    const [first] = carried;
    const isRest = carried.slice(1).every((input) => input.kind !== 'spread');
    if (first?.kind === 'spread' && isRest) {
      const result = throughSpread(node, first, tensorsOf(carried.slice(1), apply), apply);
      if (result) return [result];
    }
    const listOp = findListOp(node.op);
    const items = carried.map((input) => (input.kind === 'spread' ? gathered(input, apply) : input));
    if (listOp) return listOp(items, apply);
    return this.apply(this.callOf(node.name, node.op, node.attr, tensorsOf(items, apply)));
  }

  private apply(call: OpCall): GraphTensor[] {
    const type = findOpType(call.op)!;
    const sizes = call.inputs.some(({ kind }) => kind === 'sizes') ? combineSizes(call) : undefined;
    if (sizes) return sizes;
    const inputs = call.inputs.map((input) =>
      input.kind === 'sizes' && hasCount(input) && !takesSizes.has(call.op) ? sizesArray(call, input) : input,
    );
    const known = call.with(inputs);
    return inputs.some((input) => countOf(input)) ? lowerCounted(known, type) : type.lower(known);
  }

  /** A loop's Exit nodes, each with the last value of its variable. */
  private lowerLoop(loop: Loop): void {
    for (const { name, inputs } of loop.enters) {
      const value = inputs[0] && this.find(inputs[0], `node "${name}"`);
      this.results.set(name, value && [value]);
    }
    const values = this.unroll(loop);
    for (const { exit, merge } of loop.exits) this.results.set(exit, values?.get(merge));
  }

  /** The loop's variables behind its last round; `undefined` when the rounds are not known. */
  private unroll({
    condition,
    variables,
    body,
  }: Loop): ReadonlyMap<string, readonly Carried[] | undefined> | undefined {
    let values = new Map(variables.map(({ merge, enter }) => [merge, this.results.get(enter)]));
    for (let round = 0; ; round++) {
      for (const name of body) this.results.delete(name);
      for (const { merge } of variables) this.results.set(merge, values.get(merge));
      this.lowerNodes([{ node: condition.name, output: 0 }]);
      const goesOn = this.collect(condition, () => isTrue(this.results.get(condition.name)?.[0], round));
      if (goesOn === undefined) return undefined;
      if (!goesOn) return values;
      this.lowerNodes(variables.map(({ next }) => ({ node: next, output: 0 })));
      values = new Map(variables.map(({ merge, next }) => [merge, this.results.get(next)]));
    }
  }

  private weight(node: GraphNode): GraphTensor {
    const weight = this.artifacts.weights.get(node.name);
    if (!weight) throw missingWeight(node.name, this.artifacts.weights.size);
    return asConstant(weight);
  }

  /** What an edge carries; `undefined` behind a node that cannot be compiled. */
  private find({ node, output }: Edge, reader: string): Carried | undefined {
    const tensors = this.results.get(node);
    if (tensors?.[0]?.kind === 'dead' && tensors.length === 1) return dead;
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
      const { advice } = error;
      // A loop meets its nodes in every round.
      if (!this.unsupported.some((known) => known.name === node.name && known.advice === advice))
        this.unsupported.push({ name: node.name, className: node.op, advice });
      return undefined;
    }
  }
}

function isNoList(carried: Item | Spread): carried is GraphTensor | Spread {
  return carried.kind !== 'list';
}

function tensorsOf(carried: readonly (Item | Spread)[], apply: Apply): GraphTensor[] {
  return carried.map((input) => {
    if (input.kind === 'list')
      throw new UnsupportedFeature(`it reads a list of tensors; ${keepInTensorFlow}`);
    return input.kind === 'spread' ? gathered(input, apply) : input;
  });
}

/** Whether a loop goes on; `undefined` when its condition could not be compiled. */
function isTrue(condition: Carried | undefined, round: number): boolean | undefined {
  if (!condition) return undefined;
  if (condition.kind !== 'constant' || round > mostRounds)
    throw new UnsupportedFeature(
      `the rounds of this loop are compiled only where they are known, ${mostRounds} at most; ${keepInTensorFlow}`,
    );
  return condition.data[0] !== 0;
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

function openInput(name: string, shape: readonly number[] | undefined): SparseError {
  const text = shape
    ? `[${shape.map((size) => (size === -1 ? 'unknown' : size)).join(', ')}]`
    : 'an unknown shape';
  return new SparseError(
    'ERR_SPARSE_MODEL',
    `compile: input "${name}" has ${text}: only the batch may be unknown. Give its sizes with the option inputShapes, or its value with constants.`,
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
