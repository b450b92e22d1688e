import type { Tensor } from '@tensorflow/tfjs-core';
import { tfc, tfl } from '../peers.ts';
import { asList, type CallArgs, type Layer, type LayerVariable } from '../tf-types.ts';

/** Activations that are taken as relu; the others, which saturate, are left out. */
const rectifiers = ['relu', 'relu6', 'elu', 'selu', 'softplus', 'swish', 'mish', 'gelu', 'gelu_new'];

const identity = (x: Tensor) => x;
/** Layers that are nothing but an activation, and what stands for them. */
const activationLayers: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  ReLU: tfc.relu,
  ELU: tfc.relu,
  ThresholdedReLU: tfc.relu,
  Softmax: identity,
};

/** Classes whose output doubles when their input does, additive weights doubling with it. */
const scalingClasses = new Set([
  'Dense',
  'Conv1D',
  'Conv2D',
  'Conv3D',
  'Conv2DTranspose',
  'Conv3DTranspose',
  'DepthwiseConv2D',
  'SeparableConv2D',
  'BatchNormalization',
  'Activation',
  'LeakyReLU',
  'PReLU',
  'Dropout',
  'SpatialDropout1D',
  'AlphaDropout',
  'GaussianDropout',
  'GaussianNoise',
  'Flatten',
  'Reshape',
  'Permute',
  'RepeatVector',
  'Add',
  'Subtract',
  'Average',
  'Maximum',
  'Minimum',
  'Concatenate',
  'Multiply',
  ...Object.keys(activationLayers),
  ...['1D', '2D', '3D'].flatMap((rank) => [
    `ZeroPadding${rank}`,
    `Cropping${rank}`,
    `UpSampling${rank}`,
    ...['', 'Global'].flatMap((kind) => [`${kind}MaxPooling${rank}`, `${kind}AveragePooling${rank}`]),
  ]),
]);

/** Weights that are added to something that scales with the input. */
const addedNames = new Set(['bias', 'beta', 'moving_mean']);

function isAdded({ originalName }: LayerVariable): boolean {
  return addedNames.has(originalName.slice(originalName.lastIndexOf('/') + 1));
}

interface Activated {
  activation?: { getClassName(): string };
}

/** A layer as SynFlow takes it. */
export interface LinearizedLayer {
  /** Whether outputs scale with inputs. */ homogeneous: boolean;
  /** One call, activations being relu or nothing. */ call(inputs: Tensor[], args: CallArgs): Tensor[];
  /** The layer's weights with the added ones changed. */
  scaleAdded(weights: readonly Tensor[], change: (added: Tensor) => Tensor): Tensor[];
  /** Largest entry of the added weights; 0 when there are none. */ largestAdded(
    weights: readonly Tensor[],
  ): number;
}

function callPlainly(layer: Layer, inputs: Tensor[], args: CallArgs): Tensor[] {
  const alone = activationLayers[layer.getClassName()];
  if (alone) return [alone(inputs[0]!)];
  const activated = layer as Layer & Activated;
  const { activation } = activated;
  if (activation) {
    const name = rectifiers.includes(activation.getClassName()) ? 'relu' : 'linear';
    activated.activation = (
      tfl.layers.activation({ activation: name }) as unknown as Required<Activated>
    ).activation;
  }
  try {
    const feeds = inputs.length === 1 ? inputs[0]! : inputs;
    return asList(layer.apply(feeds, { ...args, training: false }) as Tensor | Tensor[]);
  } finally {
    if (activation) activated.activation = activation;
  }
}

/** A layer with the activations and scales that SynFlow needs. */
export function linearized(layer: Layer): LinearizedLayer {
  return {
    homogeneous: scalingClasses.has(layer.getClassName()),
    call: (inputs, args) => callPlainly(layer, inputs, args),
    scaleAdded: (weights, change) =>
      weights.map((weight, i) => (isAdded(layer.weights[i]!) ? change(weight) : weight)),
    largestAdded: (weights) =>
      Math.max(
        0,
        ...weights.map((weight, i) =>
          isAdded(layer.weights[i]!) ? tfc.tidy(() => tfc.max(weight).dataSync()[0]!) : 0,
        ),
      ),
  };
}

/** Runs `body` while the layer reads these tensors in place of its weights. */
export function withWeights<Result>(layer: Layer, weights: readonly Tensor[], body: () => Result): Result {
  weights.forEach((weight, i) => {
    layer.weights[i]!.read = () => weight;
  });
  try {
    return body();
  } finally {
    for (const variable of layer.weights) delete (variable as Partial<LayerVariable>).read;
  }
}
