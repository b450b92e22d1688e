/** Inputs of a block of the balanced structure when none are given. */
export const defaultBalancedGroup = 32;

/**
 * How many inputs each block of a balanced mask keeps, the same for every output.
 *
 * Block b keeps floor((b+1)·d·group) − floor(b·d·group) at density d, so that the counts follow the density as
 * closely as whole numbers can; a shorter last block counts the inputs that it has. Evaluated in float64, left to right.
 *
 * @see Cao et al. 2019, "Efficient and Effective Sparse LSTM on FPGA with Bank-Balanced Sparsity"
 */
export function balancedCounts(inputs: number, group: number, density: number): Int32Array {
  const blocks = Math.ceil(inputs / group);
  const counts = new Int32Array(blocks);
  for (let b = 0; b < blocks; b++) {
    const end = Math.min(b + 1, inputs / group);
    counts[b] = Math.floor(end * density * group) - Math.floor(b * density * group);
  }
  return counts;
}
