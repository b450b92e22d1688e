import * as tf from '@tensorflow/tfjs-node';
import { expect } from 'vitest';
import { lowerArtifacts } from '../../lib/compile/lower-model.ts';
import type { ModelSource } from '../../lib/io/model-source.ts';
import { readArtifacts } from '../../lib/io/read-artifacts.ts';
import { optimizePlan } from '../../lib/plan/passes/optimize.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import { validatePlan } from '../../lib/plan/validate.ts';
import type { Random } from './random.ts';
import { runReference } from './reference-plan.ts';

/**
 * Largest difference allowed, relative to the largest output: of whole networks (layers: 1e-5). It is one step of float32 between
 * 256 and 512, where the logits of the largest test network (LeNet-300-100, weights of deviation 0.3, inputs of 2) lie: softmax makes
 * an absolute error of logits a relative one of scores. What is compared here is tfjs-node with the plan in float64, so the error
 * is all tfjs-node's: of 183 such networks and inputs 2.3e-6 in 95 %, 1.6e-5 at most (SEED=91974225, logits to 494). The session,
 * on the same, is off from float64 by 3.3e-6 there, by 5.8e-6 in 95 %, by 3.0e-5 at most.
 */
const tolerance = 3e-5;

/** Gives every weight of a model random values; variances stay positive. */
export function randomizeWeights(model: tf.LayersModel, random: Random): void {
  for (const layer of model.layers) {
    const values = layer.weights.map((weight) => {
      const shape = weight.shape as number[];
      const size = shape.reduce((a, b) => a * b, 1);
      const isVariance = weight.originalName.endsWith('variance');
      const data = random.floats(size, 0.3);
      return tf.tensor(isVariance ? data.map((v) => 0.5 + Math.abs(v)) : data, shape);
    });
    if (values.length > 0) layer.setWeights(values);
    tf.dispose(values);
  }
}

/**
 * Lowers `source` (default: the model itself), runs the plan before and after the passes in the reference interpreter, and
 * expects what `model.predict` gives.
 *
 * @returns the plan after the passes
 */
export async function expectSameAsTfjs(
  model: tf.LayersModel,
  random: Random,
  source: ModelSource = model,
): Promise<Plan> {
  // More than one sample, so that not all outputs are sums that cancel out.
  const batch = random.integer(2, 4);
  const raw = lowerArtifacts(await readArtifacts(source));
  const plan = optimizePlan(raw);
  validatePlan(raw);
  validatePlan(plan);

  const inputs = model.inputs.map((input) => {
    const shape = input.shape.slice(1) as number[];
    return random.floats(batch * shape.reduce((a, b) => a * b, 1), 2);
  });
  const tensors = inputs.map((x, i) =>
    tf.tensor(x, [batch, ...(model.inputs[i]!.shape.slice(1) as number[])]),
  );
  const predicted = [model.predict(tensors, { batchSize: batch })].flat();
  const expected = await Promise.all(predicted.map((tensor) => tensor.data()));
  tf.dispose([tensors, predicted]);

  const named = Object.fromEntries(raw.inputs.map((port, i) => [port.name, inputs[i]!]));
  for (const candidate of [raw, plan]) {
    expect(candidate.outputs.length).toBe(expected.length);
    const outputs = runReference(candidate, named, batch);
    for (const [i, port] of candidate.outputs.entries()) {
      const shape = candidate.values[port.value]!.shape;
      expect([batch, ...shape], 'shape of an output').toEqual(predicted[i]!.shape);
      const difference = relativeDifference(outputs[port.name]!, expected[i]!);
      expect(difference, `${port.name}, SEED=${random.seed}`).toBeLessThan(tolerance);
    }
  }
  return plan;
}

/** Largest difference over the largest expected magnitude. */
function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]!));
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
    // NaN would pass every comparison above.
    if (!Number.isFinite(actual[i]!)) return Number.POSITIVE_INFINITY;
  }
  return largest === 0 ? difference : difference / largest;
}
