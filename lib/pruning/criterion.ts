import type { WeightView } from './criteria/weight-view.ts';
import type { ZhouName } from './criteria/zhou.ts';

/** A criterion of the caller's own: one score per entry of the weight, higher is kept. */
export type OwnCriterion = (weight: WeightView) => Float32Array;

/** Needs the weights only (those of Zhou mostly the initial ones, too). */
export type WeightCriterion = 'magnitude' | 'random' | `zhou:${ZhouName}` | OwnCriterion;

/** Learned while training. */
export type TrainedCriterion =
  | 'movement'
  | {
      /** Scores that grow where a weight moves away from zero. */
      type: 'movement';
      /** Keeps what lies over a threshold instead of a number of weights. */
      soft: boolean;
      /** sigmoid(score) must lie over it, in [0, 1), default 0.5; where `soft` is false, the score itself. Reached at the schedule's end. */
      threshold?: number;
      /** Rate of the scores' own optimizer; default 0.01. */
      scoreLearningRate?: number;
      /** The scores' own optimizer; default 'adam'. */
      scoreOptimizer?: 'adam' | 'sgd';
      /** Weight, at the schedule's end, of a penalty that draws scores below the threshold; default 0. */
      lambda?: number;
    };

/** Needs the graph, and all but `synflow` need data. */
export type DataCriterion = 'snip' | 'grasp' | 'synflow' | 'taylor' | 'wanda' | 'sparsegpt';
