import type { Tensor } from '@tensorflow/tfjs-core';
import { SparseError } from '../../errors.ts';
import { leafLayers } from '../leaf-layers.ts';
import { gradientError } from '../loss-gradients.ts';
import { tfc } from '../peers.ts';
import { runGraph } from '../run-graph.ts';
import type { CallArgs, Layer } from '../tf-types.ts';
import type { LiveContext, LiveCriterion, LiveScores } from './live-criterion.ts';
import { linearized, withWeights } from './synflow-layer.ts';

/** A tensor whose true values are tensor · 2^exponent: deep networks leave the range of float32. */
interface Scaled {
  tensor: Tensor;
  exponent: number;
}

/** True values are given back where they lie safely in float32's range: below 2^100, as are the factors on the way. */
const plainExponent = 100;

/** Multiplies by a power of two, which is exact; far below the range zero is what float32 makes of it anyway. */
function scaled(tensor: Tensor, exponent: number): Tensor {
  if (exponent === 0) return tensor;
  // In two steps: 2^-140 alone is no float32.
  const half = Math.max(-126, Math.min(127, Math.trunc(exponent / 2)));
  const rest = Math.max(-126, Math.min(127, exponent - half));
  return tfc.mul(tfc.mul(tensor, 2 ** half), 2 ** rest);
}

/** Brings the largest value near 1. */
function normalized(tensor: Tensor, exponent: number, name: string): Scaled {
  const largest = tfc.tidy(() => tfc.max(tensor).dataSync()[0]!);
  if (!Number.isFinite(largest)) {
    throw new SparseError(
      'ERR_SPARSE_NAN',
      `pruning: criterion "synflow": the output of layer "${name}" is ${largest}, expected finite numbers. Are its weights?`,
      { layer: name, tensor: 'output', expected: 'finite numbers', received: largest },
    );
  }
  const shift = largest > 0 ? Math.floor(Math.log2(largest)) : 0;
  // Small shifts cost an operation and gain nothing.
  if (Math.abs(shift) < 16) return { tensor, exponent };
  return { tensor: scaled(tensor, -shift), exponent: exponent + shift };
}

/** Ones for one example; lengths that a model leaves open are 1. */
function onesFor(context: LiveContext): Scaled[] {
  const { what, model } = context;
  const embedding = leafLayers(model).find((layer) => layer.getClassName() === 'Embedding');
  if (embedding) {
    throw new SparseError(
      'ERR_SPARSE_UNSUPPORTED_LAYER',
      `${what}: criterion "synflow" sends ones through the network, and layer "${embedding.name}" (Embedding) takes indices, ` +
        'expected numbers. Take another criterion, for instance snip.',
      { layer: embedding.name, expected: 'numbers', received: 'indices' },
    );
  }
  return model.inputs.map(({ shape }) => ({
    tensor: tfc.ones(shape.map((length, axis) => (axis === 0 ? 1 : (length ?? 1)))),
    exponent: 0,
  }));
}

type Absolute = ReadonlyMap<Layer, readonly Tensor[]>;

/** Calls one layer with absolute weights; additive ones are brought to the scale of the input. */
function callScaled(layer: Layer, inputs: Scaled[], args: CallArgs, absolute: Absolute): Scaled[] {
  const plain = linearized(layer);
  const weights = absolute.get(layer) ?? [];
  const product = layer.getClassName() === 'Multiply';
  const bias = plain.largestAdded(weights);
  const common = Math.max(
    ...inputs.map(({ exponent }) => exponent),
    bias > 0 ? Math.ceil(Math.log2(bias)) - plainExponent : Number.NEGATIVE_INFINITY,
  );
  // A layer that does not scale with its input must get it as it is.
  const at = plain.homogeneous ? common : 0;
  const tensors = inputs.map(({ tensor, exponent }) => (product ? tensor : scaled(tensor, exponent - at)));
  const outputs = withWeights(
    layer,
    plain.scaleAdded(weights, (tensor) => scaled(tensor, -at)),
    () => plain.call(tensors, args),
  );
  const exponent = product ? inputs.reduce((sum, input) => sum + input.exponent, 0) : at;
  return outputs.map((output) => normalized(output, exponent, layer.name));
}

/**
 * |W · ∂R/∂W|, R being the sum of the outputs of the network with absolute weights on an input of ones: how much of all
 * paths goes through a weight. Biases take part in R as they do in Synaptic-Flow. Data is not looked at. Activations that
 * saturate (softmax, sigmoid, tanh) are left out, the others are relus: with them a softmax's R would be constant.
 *
 * Values are kept near 1 by powers of two from layer to layer, so that networks of any depth stay in range: true values
 * where float32 holds them, divided by one common power of two where it does not.
 *
 * @see Tanaka et al. 2020, "SynFlow", arXiv:2006.05467, sections 4 to 6
 */
export function synflowScores(context: LiveContext): LiveScores & { total: number } {
  const { model, weights } = context;
  const scores = new Map<string, Float32Array>();
  let total = 0;
  try {
    tfc.tidy(() => {
      const absolute = new Map(
        leafLayers(model).map((layer) => [layer, layer.weights.map((one) => tfc.abs(one.read()))]),
      );
      const scored = weights.map(
        ({ layer, variable }) => absolute.get(layer)![layer.weights.indexOf(variable)]!,
      );
      let exponent = 0;
      const run = () => {
        const outputs = runGraph(model, onesFor(context), (layer, inputs: Scaled[], args) =>
          callScaled(layer, inputs, args, absolute),
        );
        exponent = Math.max(...outputs.map((output) => output.exponent));
        return outputs
          .map((output) => tfc.sum(scaled(output.tensor, output.exponent - exponent)))
          .reduce((sum, one) => tfc.add(sum, one));
      };
      const { value, grads } = tfc.engine().gradients(run, scored, undefined, true);
      const sum = value.dataSync()[0]!;
      total = sum * 2 ** exponent;
      const back = Math.abs(exponent) < plainExponent ? exponent : 0;
      weights.forEach(({ key, shape }, i) => {
        const product = grads[i] ? tfc.mul(grads[i]!, scored[i]!) : tfc.zeros([...shape]);
        scores.set(key, (scaled(product, back).dataSync() as Float32Array).map(Math.abs));
      });
    });
  } catch (error) {
    throw gradientError(context, error);
  }
  return { scores, total };
}

/** {@link synflowScores} as a criterion. */
export const synflow: LiveCriterion = {
  iterations: 100,
  scope: 'global',
  needs: 'nothing',
  score: async (context) => synflowScores(context),
};
