/** What is done: the k-th smallest magnitude, a mask of the greatest magnitudes, L2 norms of the outputs or of the inputs, weights · mask, CSR out of a dense matrix. */
export const rankOperations = ['kth', 'mask', 'norms', 'norms-inputs', 'apply', 'csr'] as const;
export type RankOperation = (typeof rankOperations)[number];

/** How the weights are distributed: normal numbers, all equal, rising, falling, normal with 90 % zeros, or two values. */
export const distributions = ['random', 'equal', 'sorted', 'reversed', 'zeros90', 'two'] as const;
export type Distribution = (typeof distributions)[number];

/** Work on the weight of a layer, [inputs, outputs] or [n, k] by what the operation calls rows; numbers lie in files. */
export interface RankCase {
  folder: string;
  operation: RankOperation;
  /** Outputs. */
  n: number;
  /** Inputs. */
  k: number;
  /** Of `mask` and `kth`: share of the weights below the threshold. */
  sparsity: number;
  /** `mask` keeps so many, and all that tie with the last of them; `kth` asks for the smallest of them. */
  kept: number;
  threads: number;
}
