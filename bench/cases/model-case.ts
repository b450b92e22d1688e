import type { ProductCase } from './product-case.ts';
import { inputFile } from './product-files.ts';

/** A model for the benches, small enough to send to an engine process: each process builds the same one from it. */
export type ModelSpec =
  /** One Dense layer with bias and relu; `outputs` × `inputs` is N × K. */
  | { type: 'layer'; outputs: number; inputs: number; sparsity: number; seed: number }
  /** A Dense layer without bias or activation, its kernel in a case's folder (product-files.ts). */
  | { type: 'product'; folder: string; outputs: number; inputs: number }
  /** A whole network with random weights, each kernel with exactly that share of zeros. */
  | { type: 'network'; name: 'cnn' | 'lenet-300-100'; sparsity: number; seed: number }
  /** A saved model: the path of its model.json. */
  | { type: 'file'; path: string };

/** Work for one call of a model. */
export interface ModelCase {
  model: ModelSpec;
  batch: number;
  /** Random numbers in [0, 1), or the first values of a file of raw little-endian float32. */
  input: { seed: number } | { file: string };
}

/** The same product as work for an engine that runs models. */
export function modelCase({ folder, n, k, m }: ProductCase): ModelCase {
  return {
    model: { type: 'product', folder, outputs: n, inputs: k },
    batch: m,
    input: { file: inputFile(folder, m) },
  };
}

/** TF.js's model artifacts, as far as the benches need them. */
export interface Artifacts {
  modelTopology: object;
  weightSpecs: { name: string; shape: number[]; dtype: 'float32' }[];
  weightData: ArrayBuffer;
  /** Shape of one input, without the batch. */
  inputShape: number[];
}
