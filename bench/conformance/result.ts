import type { Environment } from '../runner/environment.ts';

/** Times of both engines, taken in turn in the same run. */
export interface Timing {
  /** Median milliseconds of one call, and the median absolute deviation. */
  tfjsMs: number;
  tfjsMad: number;
  sessionMs: number;
  sessionMad: number;
  /** tfjs-node's time / the session's: above 1 the session is faster. With the 95 % interval. */
  ratio: number;
  interval: [low: number, high: number];
  /** Samples of each. */
  rounds: number;
  /** Where the session's time goes: share, operation and kernel of the three largest, from its profile. */
  costs: string;
}

/** One model with one set of weights, run by both engines on the same inputs. */
export interface Agreement {
  /** Share of zeros in weights of two and more axes. */
  zeros: number;
  /** Largest difference of an output from tfjs-node's, relative to the largest magnitude in that output. */
  difference: number;
  /** The output that it was found in. */
  worst: string;
  /** The same figure for tfjs-node with its other set of kernels (oneDNN on or off): what float32 leaves open. */
  own: number;
  /** What `difference` may be. */
  limit: number;
  /** Of a classifier: inputs for which both gave the same class. */
  sameClass?: number;
  /** Inputs compared. */
  inputs: number;
  passed: boolean;
  /** Steps of the session's plan, bytes of its packed weights and of one run's activations. */
  steps: number;
  weightBytes: number;
  arenaBytes: number;
  timing?: Timing;
}

/** What is known of one model. */
export interface ConformanceRow {
  model: string;
  group: string;
  /** Package or program that it is from. */
  source: string;
  kind: 'graph' | 'layers';
  /** Of this project, at which the row was made: a resumed run has rows of several. */
  commit?: string;
  /** Numbers in all weights. */
  parameters: number;
  /** Why there is no session, if so; `expected`: the catalogue knows it. */
  refused?: { why: string; expected: boolean };
  /** What was fed, for people. */
  inputs?: string;
  asPublished?: Agreement;
  /** After one-shot magnitude pruning, both engines with the same pruned weights. */
  pruned?: Agreement;
  /** An engine that failed to run. */
  error?: string;
}

export interface ConformanceResult {
  format: 'tfjs-sparse conformance';
  version: 1;
  environment: Environment;
  rows: ConformanceRow[];
}

/** Whether a row counts as passed, failed, or as skipped for a reason that the catalogue names. */
export function verdictOf(row: ConformanceRow): 'passed' | 'failed' | 'skipped' {
  if (row.refused?.expected) return 'skipped';
  if (row.refused || row.error !== undefined) return 'failed';
  return row.asPublished?.passed && row.pruned?.passed ? 'passed' : 'failed';
}
