import { pooling } from './pooling.ts';

/** The largest of each window of steps. */
export const maxPooling1d = pooling('MaxPooling1D', 'max', 1);

/** The mean of each window's steps, padding not counted. */
export const averagePooling1d = pooling('AveragePooling1D', 'avg', 1);
