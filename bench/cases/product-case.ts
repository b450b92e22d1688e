/** Pattern of a weight's zeros. `block4`: four neighbouring outputs share their inputs. */
export const weightStructures = ['unstructured', 'balanced', 'block2', 'block4', 'block8', 'dense'] as const;
export type WeightStructure = (typeof weightStructures)[number];

/** How a weight's numbers are stored. */
export const storages = ['float32', 'bfloat16', 'int8'] as const;
export type Storage = (typeof storages)[number];

/** A weight of `n` outputs and `k` inputs, the same for everyone who asks for the same spec. */
export interface WeightSpec {
  n: number;
  k: number;
  /** Share of zeros that is asked for; `balanced` and blocks round it in their own way. */
  sparsity: number;
  structure: WeightStructure;
  /** Values are rounded to what this storage holds, so that every engine computes with the same numbers. */
  storage: Storage;
  seed: number;
}

/** y[m][n] = x[m][k] · Wᵀ, float32 and row-major outside; the numbers lie in files (product-files.ts). */
export interface ProductCase {
  folder: string;
  n: number;
  k: number;
  m: number;
  threads: number;
  storage: Storage;
}
