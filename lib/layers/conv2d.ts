import { convolution } from './convolution.ts';

/** A convolution over [height, width, channels]. */
export const conv2d = convolution('Conv2D', 2);
