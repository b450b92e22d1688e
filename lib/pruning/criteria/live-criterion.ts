import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Batch } from '../batches.ts';
import type { LiveWeight } from '../live-weights.ts';
import type { LossChoice } from '../losses.ts';
import type { Scope } from '../select-masks.ts';

/** What a criterion that runs the model may look at. */
export interface LiveContext {
  /** Function that was called, for errors. */ what: string;
  /** Name of the criterion, for errors. */ criterion: string;
  /** A copy to work on: pruned weights are zero in it already. */ model: LayersModel;
  /** The model that was given, which may be compiled. */ given: LayersModel;
  /** What to score. */ weights: readonly LiveWeight[];
  /** Empty for a criterion that needs none. */ batches: readonly Batch[];
  /** As asked for; undefined when it was not. */ loss?: LossChoice | undefined;
  /** As asked for. */ temperature?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Scores by weight key, each as long as its weight. */
export interface LiveScores {
  scores: Map<string, Float32Array>;
  /** Of SynFlow: the sum R of the network. */ total?: number;
}

/** A criterion that needs the graph: it runs the model, forward and mostly backward. */
export interface LiveCriterion {
  /** Default number of iterations, as its authors advise. */ readonly iterations: number;
  /** Default scope, as its authors rank. */ readonly scope: Scope;
  /** Batches that it takes; 'labels': with ys. */ readonly needs: 'nothing' | 'labels';
  score(context: LiveContext): Promise<LiveScores>;
}
