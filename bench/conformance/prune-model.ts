import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { applyMask, buildMask } from '../../lib/index.ts';
import type { Artifacts, Weight } from '../../lib/io/artifacts.ts';

interface GraphNode {
  name: string;
  op: string;
  input?: string[];
}

/** Operations whose second input is a weight that a sparse kernel can run. */
const products: ReadonlySet<string> = new Set([
  ...['MatMul', '_FusedMatMul', 'BatchMatMul', 'BatchMatMulV2'],
  ...['Conv2D', '_FusedConv2D', 'Conv2DBackpropInput'],
]);

/** Names that Keras gives to such weights. */
const kernels: ReadonlySet<string> = new Set(['kernel', 'recurrent_kernel', 'pointwise_kernel']);

/** Weights of a GraphModel that a product reads, directly or through Identity nodes. */
function graphKernels(nodes: readonly GraphNode[]): Set<string> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const found = new Set<string>();
  for (const { op, input = [] } of nodes) {
    if (!products.has(op)) continue;
    let node = byName.get(input[1]?.split(':')[0] ?? '');
    while (node?.op === 'Identity') node = byName.get(node.input?.[0]?.split(':')[0] ?? '');
    if (node?.op === 'Const') found.add(node.name);
  }
  return found;
}

/** Names of the weights that are pruned: kernels of products and convolutions, not those of depthwise ones. */
export function prunedNames({ format, topology, weights }: Artifacts): string[] {
  const inGraph = format === 'graph' ? graphKernels(topology.node as GraphNode[]) : undefined;
  return [...weights.values()]
    .filter(({ dtype, shape }) => dtype === 'float32' && shape.length > 1 && shape.every((d) => d > 0))
    .filter(({ name }) => inGraph?.has(name) ?? kernels.has(name.split('/').at(-1)!))
    .map(({ name }) => name);
}

function bytesOf({ name, data }: Weight): Buffer {
  if (Array.isArray(data)) throw new Error(`weight "${name}" holds text, which this command does not write`);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

/** The model with the smallest weights of every kernel set to zero. */
export function pruneArtifacts(artifacts: Artifacts, sparsity: number): Artifacts {
  const weights = new Map(artifacts.weights);
  for (const name of prunedNames(artifacts)) {
    const weight = weights.get(name)!;
    const values = weight.data as Float32Array;
    const mask = buildMask(values.map(Math.abs), weight.shape, { sparsity });
    weights.set(name, { ...weight, data: applyMask(values, mask) });
  }
  return { ...artifacts, weights };
}

/**
 * Writes a model as `model.json` and one file of weights.
 *
 * @returns the path of model.json
 */
export async function saveArtifacts(artifacts: Artifacts, folder: string): Promise<string> {
  const { weights, topology, signature, format } = artifacts;
  const list = [...weights.values()];
  const manifest = list.map(({ name, shape, dtype }) => ({ name, shape, dtype }));
  const json = {
    format: `${format}-model`,
    modelTopology: topology,
    ...(signature !== undefined && { signature }),
    weightsManifest: [{ paths: ['weights.bin'], weights: manifest }],
  };
  await writeFile(path.join(folder, 'weights.bin'), Buffer.concat(list.map(bytesOf)));
  const file = path.join(folder, 'model.json');
  await writeFile(file, JSON.stringify(json));
  return file;
}

/** Numbers in all weights, and the share of zeros in those of two and more axes (0 when there are none). */
export function countParameters({ weights }: Artifacts): { parameters: number; zeros: number } {
  let [parameters, size, zero] = [0, 0, 0];
  for (const { data, shape, dtype } of weights.values()) {
    parameters += data.length;
    if (dtype !== 'float32' || shape.length < 2) continue;
    size += data.length;
    for (const value of data as Float32Array) zero += Number(value === 0);
  }
  return { parameters, zeros: size === 0 ? 0 : zero / size };
}
