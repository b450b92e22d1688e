import type { Environment } from '../runner/environment.ts';
import type { Row } from '../runner/run-case.ts';

/** The demo's result as data: what `demo-output/demo.json` holds and the tables are made from. */
export interface DemoResult {
  format: 'tfjs-sparse demo';
  version: 1;
  /** Fewer images and epochs than the article: not to be quoted. */
  quick: boolean;
  environment: Environment;
  data: { source: string; trainImages: number; testImages: number };
  models: DemoModel[];
  /** `summary()` of the CNN wrapped for pruning, by line. */
  wrappedSummary: string[];
  checks: Check[];
  /** Wall time in seconds. */
  seconds: { training: number; latency: number; total: number };
}

export type Network = 'cnn' | 'lenet-300-100';
/** recipe 1: a trained model, pruned and trained on; recipe 2: pruned from random weights on, while training. */
export type Recipe = 'baseline' | 'recipe 1' | 'recipe 2';

/** One model of the demo: how it was made. */
export interface ModelJob {
  id: string;
  network: Network;
  recipe: Recipe;
  /** Share of zeros asked for in every kernel; 0 for a baseline. */
  target: number;
  epochs: number;
  seed: number;
  /** The model that it starts from. */
  from?: string;
}

export interface DemoModel extends ModelJob {
  /** Folder of model.json, weights.bin and model.zip, below the output folder. */
  folder: string;
  trainSeconds: number;
  /** Share of test images that tfjs-node classifies right. */
  accuracy: number;
  kernels: KernelSparsity[];
  sizes: Sizes;
  /** Session against tfjs-node on the same test images. */
  agreement: { dense: Agreement; sparse: Agreement };
  latency: Latency[];
}

export interface KernelSparsity {
  name: string;
  shape: number[];
  size: number;
  zeros: number;
  sparsity: number;
  /** Zeros that the target asks for. */
  expectedZeros: number;
}

export interface Sizes {
  /** Bytes of model.json and weights.bin. */
  rawBytes: number;
  /** Bytes of model.zip: both files, DEFLATE level 6. */
  zipBytes: number;
  gzipBytes: number;
  parameters: number;
  /** Parameters that are not zero. */
  remaining: number;
  /** parameters / remaining */
  compressionRatio: number;
  /** zip of the baseline / zip of this model. */
  zipRatio: number;
}

export interface Agreement {
  /** Largest difference of an output, relative to tfjs-node's largest output. */
  maxDifference: number;
  accuracy: number;
  /** Images that get another class than from tfjs-node. */
  otherClass: number;
  /** Those of them where tfjs-node's own two best outputs are not closer than 1e-5. */
  otherClassUnexplained: number;
}

export interface Latency {
  batch: number;
  /** tfjs-node predict (the baseline of the ratios), accelerated predict, session dense, session sparse. */
  rows: Row[];
}

export interface Check {
  name: string;
  passed: boolean;
  /** Expected and found, in words. */
  detail: string;
}
