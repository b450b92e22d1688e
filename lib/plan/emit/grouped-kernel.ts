/**
 * The kernel of a convolution in groups as that of a plain one: each output's weights of the other groups' inputs are zero,
 * and zeros cost the sparse kernels nothing.
 *
 * @param kernel - row-major [taps, inputs / groups, outputs]
 * @returns row-major [taps, inputs, outputs]
 */
export function ungroupKernel(
  kernel: Float32Array,
  taps: number,
  inputs: number,
  outputs: number,
  groups: number,
): Float32Array {
  const [group, each] = [inputs / groups, outputs / groups];
  const wide = new Float32Array(taps * inputs * outputs);
  for (let tap = 0; tap < taps; tap++)
    for (let c = 0; c < group; c++)
      for (let n = 0; n < outputs; n++)
        wide[(tap * inputs + Math.floor(n / each) * group + c) * outputs + n] =
          kernel[(tap * group + c) * outputs + n]!;
  return wide;
}
