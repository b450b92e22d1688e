import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * Notices when weights get other values. TF.js gives a variable a new dataId with every new value (an optimizer step,
 * `assign`, `setWeights`), and a dataId is an object that never comes back. Values that are changed in place, by writing
 * into the array of a tensor on the cpu backend, are not noticed.
 */
export class WeightWatch {
  readonly #variables: readonly Tensor[];
  #seen: readonly object[];

  constructor(variables: readonly Tensor[]) {
    this.#variables = variables;
    this.#seen = dataIdsOf(variables);
  }

  /** Whether every weight is alive and has the value that it had at the last look. */
  get unchanged(): boolean {
    const seen = this.#seen;
    return this.#variables.every((variable, i) => variable.dataId === seen[i] && !variable.isDisposed);
  }

  /** Takes the values of now as known. */
  look(): void {
    this.#seen = dataIdsOf(this.#variables);
  }
}

function dataIdsOf(variables: readonly Tensor[]): object[] {
  return variables.map((variable) => variable.dataId);
}
