import type { fused, Tensor } from '@tensorflow/tfjs-core';
import type { PlanActivation } from '../plan/plan.ts';
import { tfc } from './peers.ts';
import { fusedActivation } from './product-plan.ts';
import type { GraphNode } from './tf-types.ts';

/** A matrix product of a GraphModel with a constant weight, and what is fused to it. */
export interface GraphProduct {
  /** float32, [inputs, outputs], or [outputs, inputs] with `transposeB`. */
  weight: Tensor;
  transposeB: boolean;
  inputs: number;
  outputs: number;
  bias?: Tensor;
  activation: PlanActivation;
  /** The node's own operation, by TF.js. */
  compute(tensors: readonly Tensor[]): Tensor;
}

const plainProducts = ['MatMul', 'BatchMatMul', 'BatchMatMulV2'];

/** Reads a node; undefined when it is not such a product, or one that cannot run natively. */
export function readProduct(
  node: GraphNode,
  weights: Readonly<Record<string, Tensor[]>>,
): GraphProduct | undefined {
  const isFused = node.op === '_FusedMatMul';
  if (!isFused && !plainProducts.includes(node.op)) return undefined;
  const transposeB = node.attrParams.transposeB?.value === true;
  const weight = constantOf(node.inputs[1], weights);
  if (weight === undefined || weight.rank !== 2 || node.attrParams.transposeA?.value === true)
    return undefined;
  const [rows, cols] = weight.shape as [number, number];
  const [inputs, outputs] = transposeB ? [cols, rows] : [rows, cols];
  const common = { weight, transposeB, inputs, outputs };
  if (!isFused) {
    const compute = ([a, b]: readonly Tensor[]) => tfc.matMul(a!, b!, false, transposeB);
    return { ...common, activation: { type: 'linear' }, compute };
  }
  // TF.js reads the two names by their places: what is added, and the activation.
  const [added, name] = (node.attrParams.fusedOps?.value ?? []) as (string | undefined)[];
  const alpha = node.attrParams.leakyreluAlpha?.value as number | undefined;
  const activation = fusedActivation(name, alpha);
  const bias = constantOf(node.inputs[2], weights);
  const fits = added === 'biasadd' && node.inputs.length === 3 && bias?.size === outputs;
  if (activation === undefined || !fits) return undefined;
  const compute = ([a, b, c]: readonly Tensor[]) =>
    tfc.fused.matMul({
      a: a!,
      b: b!,
      transposeB,
      bias: c!,
      activation: name as fused.Activation,
      leakyreluAlpha: alpha!,
    });
  return { ...common, bias: bias!, activation, compute };
}

/** The float32 constant that a node gives, seen through identities. */
function constantOf(
  node: GraphNode | undefined,
  weights: Readonly<Record<string, Tensor[]>>,
): Tensor | undefined {
  let from = node;
  while (from?.op === 'Identity') from = from.inputs[0];
  const tensor = from?.op === 'Const' ? weights[from.name]?.[0] : undefined;
  return tensor?.dtype === 'float32' ? tensor : undefined;
}
