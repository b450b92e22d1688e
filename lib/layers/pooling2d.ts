import { pooling } from './pooling.ts';

/** The largest element of each window. */
export const maxPooling2d = pooling('MaxPooling2D', 'max', 2);

/** The mean of each window's elements, padding not counted. */
export const averagePooling2d = pooling('AveragePooling2D', 'avg', 2);
