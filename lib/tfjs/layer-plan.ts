import { SparseError } from '../errors.ts';
import { noArguments } from '../layers/call-arguments.ts';
import { asOperation } from '../layers/layer-call.ts';
import { LayerConfig } from '../layers/layer-config.ts';
import { newContext } from '../layers/ops/op-call.ts';
import { findLayerType } from '../layers/registry.ts';
import { PlanBuilder } from '../plan/builder.ts';
import { optimizePlan } from '../plan/passes/optimize.ts';
import type { Plan } from '../plan/plan.ts';
import { type Layer, localName } from './tf-types.ts';

/** Whether a single layer is worth a session: its class compiles, and it has a matrix or filters. */
export function isProductLayer(layer: Layer): boolean {
  const type = findLayerType(layer.getClassName());
  const canLower = type?.lower !== undefined && !type.wholeModelOnly;
  return canLower && layer.weights.some(({ shape }) => shape.length > 1);
}

/**
 * The plan of one live layer.
 *
 * @param shape - of the input, without the batch
 * @throws UnsupportedFeature, SparseError when it cannot be lowered
 */
export function layerPlan(layer: Layer, shape: readonly number[]): Plan {
  const className = layer.getClassName();
  const config = layer.getConfig() as Record<string, unknown>;
  const lower = findLayerType(className)!.lower!(new LayerConfig(layer.name, className, config, 'tfjs'));
  const plan = new PlanBuilder();
  const inputs = [plan.input('x', shape)];
  const [output] = lower({
    name: layer.name,
    plan,
    inputs,
    op: asOperation(layer.name, className, inputs, newContext(plan, 'layer')),
    arguments: noArguments,
    maskOutput: () => {},
    weight: (name, expected) => liveWeight(layer, name, expected),
  });
  plan.output('y', output!);
  return optimizePlan(plan.finish());
}

function liveWeight(layer: Layer, name: string, expected: readonly number[]): Float32Array {
  const tensor = layer.weights.find((weight) => localName(weight.originalName) === name)?.read();
  const received = tensor && `${tensor.dtype} [${tensor.shape}]`;
  const wanted = `float32 [${expected}]`;
  if (tensor === undefined || received !== wanted) {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `accelerate: ${name} of layer "${layer.name}" is ${received ?? 'missing'}, expected ${wanted}. Was the layer built for another input?`,
      { layer: layer.name, tensor: name, expected: wanted, received: received ?? 'nothing' },
    );
  }
  return tensor.dataSync() as Float32Array;
}
