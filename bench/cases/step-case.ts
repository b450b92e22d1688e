/** One training step of a network on random data, plain or pruned. */
export interface StepCase {
  /** The article's CNN, or Dense layers of 1024, 1024 and 10 units on 784 inputs. */
  network: StepNetwork;
  batch: number;
  /** Share of zeros in every kernel of the pruned one. */
  sparsity: number;
  seed: number;
}

export const stepNetworks = ['cnn', 'mlp-1024-1024'] as const;
export type StepNetwork = (typeof stepNetworks)[number];
