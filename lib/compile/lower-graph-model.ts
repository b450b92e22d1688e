import { SparseError, shown } from '../errors.ts';
import type { Artifacts } from '../io/artifacts.ts';
import { BatchIsMixed } from '../layers/ops/graph-tensor.ts';
import { GraphModelLowering, type LoweredGraph } from './graph-lowering.ts';
import { type InputFacts, knownInputs } from './known-inputs.ts';
import { type Graph, type GraphPort, readEdge, readGraph } from './read-graph.ts';

/**
 * The plan of a GraphModel before the passes.
 *
 * A signature that leaves the batch open gives a plan for any batch, unless the graph itself mixes the batch with other
 * axes: then, as with a batch that the signature fixes, the plan is for that one (1) only.
 *
 * @param wanted - outputs by name, signature key or `node:output`; default: those of the model
 * @param facts - sizes and values of inputs that the signature does not give
 */
export function lowerGraphModel(
  artifacts: Artifacts,
  wanted?: readonly string[],
  facts: InputFacts = {},
): LoweredGraph {
  const graph = readGraph(artifacts);
  const outputs = wanted?.map((name) => findOutput(graph, name)) ?? graph.outputs;
  if (outputs.length === 0) throw noOutputs(artifacts.origin);
  const inputs = knownInputs(graph.inputs, facts);
  const fixed = fixedBatch(inputs.open);
  const lower = (batch: number | 'any') =>
    new GraphModelLowering(graph, artifacts, inputs, batch).lower(outputs);
  if (fixed !== undefined) return lower(fixed);
  try {
    return lower('any');
  } catch (error) {
    if (!(error instanceof BatchIsMixed)) throw error;
    return lower(1);
  }
}

/** The batch that the inputs fix; `undefined` when all leave it open. */
function fixedBatch(inputs: readonly GraphPort[]): number | undefined {
  const shapes = inputs.map(({ shape }) => shape ?? []);
  if (shapes.every((shape) => shape[0] === -1)) return undefined;
  return shapes.find((shape) => shape.length > 1 && shape[0] !== -1)?.[0] ?? 1;
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

function noOutputs(origin: string): SparseError {
  return new SparseError(
    'ERR_SPARSE_MODEL',
    `compile: ${shown(origin)} has no outputs: expected a signature, or nodes that nobody reads. Is this the topology of a GraphModel?`,
    { tensor: 'model', expected: 'outputs', received: 'none' },
  );
}
