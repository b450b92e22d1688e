/** The mean of ratios: twice as fast and half as fast make 1. NaN for none. */
export const geometricMean = (ratios: readonly number[]) =>
  Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
