import { SparseError } from '../errors.ts';
import { type Geometry, padAxis } from '../plan/geometry.ts';
import type { Window } from '../plan/plan.ts';
import type { LayerConfig } from './layer-config.ts';

/** A window before the size of its input is known. */
export interface WindowConfig {
  kernel: [number, number];
  strides: [number, number];
  dilations: [number, number];
  /** 'causal' is for rows only: all of it lies on the left, so that no output looks ahead. */
  padding: 'same' | 'valid' | 'causal';
}

/** The window of a convolution layer: kernelSize, strides, dilationRate, padding. */
export function readConvWindow(config: LayerConfig): WindowConfig {
  return {
    kernel: config.pair('kernelSize'),
    strides: config.pair('strides', [1, 1]),
    dilations: config.pair('dilationRate', [1, 1]),
    padding: config.padding(),
  };
}

/** The window of a pooling layer: poolSize, strides (default: the pool size), padding. */
export function readPoolWindow(config: LayerConfig): WindowConfig {
  const kernel = config.pair('poolSize', [2, 2]);
  return { kernel, strides: config.pair('strides', kernel), dilations: [1, 1], padding: config.padding() };
}

/** The window of a one-dimensional convolution, over one row. */
export function readConvWindow1d(config: LayerConfig): WindowConfig {
  return {
    kernel: [1, config.single('kernelSize')],
    strides: [1, config.single('strides', 1)],
    dilations: [1, config.single('dilationRate', 1)],
    padding: config.padding('causal'),
  };
}

/** The window of a one-dimensional pooling layer, over one row. */
export function readPoolWindow1d(config: LayerConfig): WindowConfig {
  const size = config.single('poolSize', 2);
  return {
    kernel: [1, size],
    strides: [1, config.single('strides', size)],
    dilations: [1, 1],
    padding: config.padding(),
  };
}

/**
 * Makes the padding explicit for an input.
 *
 * @throws SparseError `ERR_SPARSE_SHAPE` when the window is larger than the input
 */
export function resolveWindow(layer: string, window: WindowConfig, input: Geometry): Window {
  const { kernel, strides, dilations, padding } = window;
  const axis = (size: number, i: 0 | 1): [number, number] =>
    padding === 'causal'
      ? [(kernel[i] - 1) * dilations[i], 0]
      : padAxis(padding, size, kernel[i], strides[i], dilations[i]);
  const [top, bottom] = axis(input.height, 0);
  const [left, right] = axis(input.width, 1);
  const reach = [(kernel[0] - 1) * dilations[0] + 1, (kernel[1] - 1) * dilations[1] + 1] as const;
  if (reach[0] > input.height + top + bottom || reach[1] > input.width + left + right) {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `compile: window of layer "${layer}" covers [${reach}], its input is [${input.height}, ${input.width}]. Use a larger input or padding "same".`,
      { layer, expected: `at least [${reach}]`, received: [input.height, input.width] },
    );
  }
  return { kernel, strides, dilations, padding: [top, bottom, left, right] };
}
