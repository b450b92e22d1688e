import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError, shown } from '../errors.ts';
import { tfc, tfl } from './peers.ts';
import { isModel, type Layer } from './tf-types.ts';

/** Loss of each example, or of all. */
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** A loss by the name that `model.compile` takes, 'softmaxCrossEntropy' of logits, or a function of targets and outputs. */
export type LossChoice = string | LossFunction;

/** How a model's outputs are judged. */
export interface ModelLoss {
  /** One per output. */ functions: LossFunction[];
  /** What `temperature` divides, per output: the logits of probabilities, or the output itself. */
  logitsOf: ((output: Tensor) => Tensor)[];
  /** Turns divided logits back into what the loss takes. */ outputOf: ((logits: Tensor) => Tensor)[];
  /** All are cross-entropies. */ crossEntropy: boolean;
}

const crossEntropies = ['categoricalCrossentropy', 'sparseCategoricalCrossentropy', 'softmaxCrossEntropy'];
/** Keeps logarithms of probabilities finite; what TF.js's own cross-entropies clip by. */
const smallest = 1e-7;

/** Of logits; targets are classes or one-hot. Made of operations whose gradients are differentiable too. */
function softmaxCrossEntropy(yTrue: Tensor, logits: Tensor): Tensor {
  return tfc.tidy(() => {
    const classes = logits.shape.at(-1)!;
    const sparse = yTrue.size < logits.size;
    const flat = sparse ? tfc.reshape(yTrue, logits.shape.slice(0, -1)) : yTrue;
    const targets = sparse
      ? tfc.oneHot(tfc.cast(flat, 'int32'), classes, 1, 0, 'float32')
      : tfc.cast(flat, 'float32');
    // The largest logit as a constant: it cancels out, gradients and all.
    const largest = tfc.max(logits, -1, true);
    const constant = tfc.tensor(largest.dataSync(), largest.shape);
    const shifted = tfc.sub(logits, constant);
    const logSum = tfc.log(tfc.sum(tfc.exp(shifted), -1, true));
    return tfc.sum(tfc.mul(targets, tfc.sub(logSum, shifted)), -1);
  });
}

/** What `compile` leaves; a Sequential passes it on to the model inside. */
interface Compiled {
  lossFunctions?: LossFunction[];
  model?: Compiled;
}

function compiledLosses(model: LayersModel): LossFunction[] | undefined {
  const { lossFunctions, model: inner } = model as unknown as Compiled;
  return lossFunctions ?? inner?.lossFunctions;
}

function lossByName(what: string, name: string): LossFunction {
  if (name === 'softmaxCrossEntropy') return softmaxCrossEntropy;
  const probe = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [1] })] });
  try {
    probe.compile({ optimizer: 'sgd', loss: name });
    return compiledLosses(probe)![0]!;
  } catch (cause) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: loss "${name}" is unknown, expected a name that model.compile takes, "softmaxCrossEntropy" (of logits) or a function.`,
      { tensor: 'loss', expected: 'name of a loss', received: name, cause },
    );
  } finally {
    probe.dispose();
  }
}

/** The layer that makes an output, looked up through models inside. */
function sourceOf(model: LayersModel, output: number): Layer {
  const { sourceLayer, outputTensorIndex = 0 } = model.outputs[output]!;
  return isModel(sourceLayer) ? sourceOf(sourceLayer, outputTensorIndex) : sourceLayer;
}

/** Name of the last activation of an output. */
function activationOf(layer: Layer): string {
  if (layer.getClassName() === 'Softmax') return 'softmax';
  const { activation } = layer.getConfig() as { activation?: unknown };
  return typeof activation === 'string' ? activation : 'linear';
}

const same = (tensor: Tensor) => tensor;
const logOf = (p: Tensor) => tfc.log(tfc.clipByValue(p, smallest, 1));

/**
 * The loss of a model: what was asked for, else what the model was compiled with, else categorical cross-entropy where
 * every output is a softmax.
 *
 * @param compiled - the model that may be compiled
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` when there is none, or its name is unknown
 */
export function readLoss(
  what: string,
  model: LayersModel,
  loss: LossChoice | undefined,
  compiled: LayersModel,
): ModelLoss {
  const activations = model.outputs.map((_, i) => activationOf(sourceOf(model, i)));
  const softmax = activations.every((name) => name === 'softmax');
  const kept = compiledLosses(compiled);
  if (loss === undefined && kept === undefined && !softmax) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: no loss is known: the model is not compiled and does not end in a softmax but in [${activations}], expected ` +
        'the option loss. Give a name ("meanSquaredError", "softmaxCrossEntropy" of logits) or a function, or compile the model.',
      { tensor: 'loss', expected: 'name or function', received: activations },
    );
  }
  if (loss !== undefined && typeof loss !== 'string' && typeof loss !== 'function') {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${what}: loss is ${shown(loss)}, expected a name or a function.`,
      { tensor: 'loss', expected: 'string or function', received: typeof loss },
    );
  }
  const choice = loss ?? (kept ? undefined : 'categoricalCrossentropy');
  const one = typeof choice === 'string' ? lossByName(what, choice) : choice;
  const functions = one ? model.outputs.map(() => one) : kept!;
  // By identity: builds of TF.js rename functions.
  const known = crossEntropies.map((name) => lossByName(what, name));
  const ofProbabilities = activations.map(
    (name, i) => name === 'softmax' && functions[i] !== softmaxCrossEntropy,
  );
  return {
    functions,
    logitsOf: ofProbabilities.map((yes) => (yes ? logOf : same)),
    outputOf: ofProbabilities.map((yes) => (yes ? (logits: Tensor) => tfc.softmax(logits) : same)),
    crossEntropy: functions.every((one) => known.includes(one)),
  };
}
