import type { GradConfig, NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';
import { maxPlaces } from './max-places.ts';
import { tfc } from './peers.ts';

/**
 * TF.js differentiates its gradients again, but not all of them rightly. A gradient that reads the *output* of its kernel
 * (exp, tanh, softmax, ...) reads a copy that the tape does not connect to the input: the second derivative misses a term
 * and says nothing. And kernels of backward passes (of convolutions and pools) and comparisons have no gradient at all.
 * These gradients read inputs only, are made of differentiable operations, and fill the gaps. They are in place only
 * while {@link withSecondOrder} runs.
 */

type Inputs = Record<string, Tensor>;
type Attrs = Record<string, never>;

function run(kernel: string, inputs: Inputs, attrs: object): Tensor {
  return tfc.engine().runKernel(kernel, inputs, attrs as NamedAttrMap) as Tensor;
}

/** A gradient of one input, given the gradient of the output and the saved inputs. */
function unary(kernel: string, gradient: (dy: Tensor, x: Tensor) => Tensor): GradConfig {
  return {
    kernelName: kernel,
    inputsToSave: ['x'],
    gradFunc: (dy, [x]) => ({ x: () => gradient(dy as Tensor, x!) }),
  };
}

/** Piecewise constant: the gradient is zero. */
function flat(kernel: string, inputs: string[]): GradConfig {
  return {
    kernelName: kernel,
    inputsToSave: inputs,
    gradFunc: (_, saved) =>
      Object.fromEntries(inputs.map((name, i) => [name, () => tfc.zeros(saved[i]!.shape)])),
  };
}

/** A kernel that is linear in its inputs: gradients by name, of the gradient of the output, the inputs and the attributes. */
function linear(
  kernel: string,
  inputs: string[],
  gradients: Record<string, (dd: Tensor, inputs: Inputs, attrs: Attrs) => Tensor>,
): GradConfig {
  return {
    kernelName: kernel,
    inputsToSave: inputs,
    gradFunc: (dd, saved, attrs) => {
      const byName = Object.fromEntries(inputs.map((name, i) => [name, saved[i]!]));
      return Object.fromEntries(
        inputs.map((name) => {
          const gradient = gradients[name];
          const zero = () => tfc.zeros(byName[name]!.shape);
          return [name, gradient ? () => gradient(dd as Tensor, byName, attrs as unknown as Attrs) : zero];
        }),
      );
    },
  };
}

const one = () => tfc.scalar(1);
const minus = (a: Tensor, b: Tensor) => tfc.sub(a, b);

const nonlinear: GradConfig[] = [
  unary('Exp', (dy, x) => tfc.mul(dy, tfc.exp(x))),
  unary('Sigmoid', (dy, x) => {
    const y = tfc.sigmoid(x);
    return tfc.mul(dy, tfc.mul(y, minus(one(), y)));
  }),
  unary('Tanh', (dy, x) => tfc.mul(dy, minus(one(), tfc.square(tfc.tanh(x))))),
  unary('Elu', (dy, x) => {
    const positive = tfc.step(x);
    const below = tfc.exp(tfc.mul(x, minus(one(), positive)));
    return tfc.mul(dy, tfc.add(positive, tfc.mul(minus(one(), positive), below)));
  }),
  {
    kernelName: 'Softmax',
    inputsToSave: ['logits'],
    gradFunc: (dy, [logits], attrs) => ({
      logits: () => {
        const { dim } = attrs as unknown as { dim: number };
        const y = tfc.softmax(logits!, dim);
        const weighted = tfc.mul(dy as Tensor, y);
        return minus(weighted, tfc.mul(tfc.sum(weighted, dim, true), y));
      },
    }),
  },
];

const comparisons: GradConfig[] = [
  ...['Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Equal', 'NotEqual', 'LogicalAnd', 'LogicalOr'].map(
    (kernel) => flat(kernel, ['a', 'b']),
  ),
  flat('LogicalNot', ['x']),
];

/** Backward kernels of a convolution, each the gradient of the other two. */
function convolution(
  kernel: string,
  toFilter: string,
  toInput: string,
  names: [filter: string, input: string],
) {
  const forward = (attrs: Attrs) => ({
    dilations: kernel === 'Conv3D' ? [1, 1, 1] : [1, 1],
    ...(attrs as object),
  });
  const shapes = (attrs: Attrs, filter: Tensor | undefined, input: Tensor | undefined) => ({
    ...(attrs as object),
    ...(filter && { [names[0]]: filter.shape }),
    ...(input && { [names[1]]: input.shape }),
  });
  return [
    linear(toFilter, ['x', 'dy'], {
      x: (dd, { x, dy }, attrs) => run(toInput, { dy: dy!, filter: dd }, shapes(attrs, undefined, x)),
      dy: (dd, { x }, attrs) => run(kernel, { x: x!, filter: dd }, forward(attrs)),
    }),
    linear(toInput, ['dy', 'filter'], {
      dy: (dd, { filter }, attrs) => run(kernel, { x: dd, filter: filter! }, forward(attrs)),
      filter: (dd, { dy, filter }, attrs) =>
        run(toFilter, { x: dd, dy: dy! }, shapes(attrs, filter, undefined)),
    }),
  ];
}

const convolutions: GradConfig[] = [
  ...convolution('Conv2D', 'Conv2DBackpropFilter', 'Conv2DBackpropInput', ['filterShape', 'inputShape']),
  ...convolution('Conv3D', 'Conv3DBackpropFilterV2', 'Conv3DBackpropInputV2', ['filterShape', 'inputShape']),
  ...convolution(
    'DepthwiseConv2dNative',
    'DepthwiseConv2dNativeBackpropFilter',
    'DepthwiseConv2dNativeBackpropInput',
    ['filterShape', 'inputShape'],
  ),
];

/** The values of `dd` at the places where each window of `input` has its maximum: what undoes the scatter of MaxPoolGrad. */
function atMaxima(dd: Tensor, input: Tensor, attrs: Attrs): Tensor {
  const { filterSize, strides, pad } = attrs as unknown as {
    filterSize: [number, number];
    strides: [number, number];
    pad: 'valid' | 'same' | number;
  };
  const shape = input.shape as [number, number, number, number];
  const info = tfc.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad);
  const places = maxPlaces(input.dataSync() as Float32Array, info);
  const taken = tfc.gather(tfc.reshape(dd, [-1]), tfc.tensor1d(places, 'int32'));
  return tfc.reshape(taken, info.outShape);
}

const pools: GradConfig[] = [
  linear('MaxPoolGrad', ['dy', 'input', 'output'], {
    dy: (dd, { input }, attrs) => atMaxima(dd, input!, attrs),
  }),
  linear('AvgPoolGrad', ['dy', 'input'], { dy: (dd, _, attrs) => run('AvgPool', { x: dd }, attrs) }),
  linear('ResizeNearestNeighborGrad', ['images', 'dy'], {
    dy: (dd, { dy }, attrs) =>
      run('ResizeNearestNeighbor', { images: dd }, { ...(attrs as object), size: dy!.shape.slice(1, 3) }),
  }),
  linear('ResizeBilinearGrad', ['images', 'dy'], {
    dy: (dd, { dy }, attrs) =>
      run('ResizeBilinear', { images: dd }, { ...(attrs as object), size: dy!.shape.slice(1, 3) }),
  }),
];

const table: readonly GradConfig[] = [...nonlinear, ...comparisons, ...convolutions, ...pools];

/** Kernels without a right second derivative that are no kernels but operations with a gradient of their own. */
const disconnected = /^(logSoftmax|softmaxCrossEntropy)__op$/;

/** Name of an operation of the present tape whose second derivative TF.js would get wrong, if there is one. */
export function brokenOperation(): string | undefined {
  const { state } = tfc.engine() as unknown as { state: { activeTape?: { kernelName: string }[] } };
  return state.activeTape?.find(({ kernelName }) => disconnected.test(kernelName))?.kernelName;
}

/** Runs `body` (which must not wait) with gradients that may be differentiated again; puts TF.js's own ones back. */
export function withSecondOrder<Result>(body: () => Result): Result {
  const before = table.map(({ kernelName }) => tfc.getGradient(kernelName));
  try {
    for (const config of table) replaceGradient(config.kernelName, config);
    return body();
  } finally {
    table.forEach(({ kernelName }, i) => {
      replaceGradient(kernelName, before[i]);
    });
  }
}

/** Unregisters first: TF.js warns about a gradient that is registered twice. */
function replaceGradient(kernel: string, config: GradConfig | undefined): void {
  if (tfc.getGradient(kernel)) tfc.unregisterGradient(kernel);
  if (config) tfc.registerGradient(config);
}
