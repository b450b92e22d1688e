import { convolution } from './convolution.ts';

/** A convolution along the steps of [steps, channels]. */
export const conv1d = convolution('Conv1D', 1);
