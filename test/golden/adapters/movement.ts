import * as tf from '@tensorflow/tfjs';
import { descend, movementGradients, penalizedLoss } from '../../../lib/pruning/movement/gradients.ts';
import { globalThreshold, thresholdMask, topKMask } from '../../../lib/pruning/movement/masks.ts';
import { movementSchedule } from '../../../lib/pruning/movement/schedule.ts';
import { applyMask } from '../../../lib/sparse/masks.ts';
import type { Mask } from '../../../lib/sparse/structure.ts';
import type { Adapter } from '../adapter.ts';
import { exact } from '../comparison.ts';
import { useCpuBackend } from '../cpu-backend.ts';
import { decodeNumber, type VectorTensor } from '../fields.ts';

/** The mask of one of the three kinds; `threshold` is the fraction kept for `topK`. */
function maskOf(kind: string, scores: Float32Array, threshold: number): Mask {
  switch (kind) {
    case 'topK':
      return topKMask(scores, threshold);
    case 'threshold':
      return thresholdMask(scores, threshold);
    case 'sigmoied_threshold':
      return thresholdMask(scores, threshold, { soft: true });
    default:
      throw new Error(`kind not understood: ${kind}`);
  }
}

/** The mean squared error of a Dense layer without bias, and its gradient, both by TF.js. */
function lossOf(kernel: Float32Array, shape: number[], x: tf.Tensor, y: tf.Tensor) {
  return tf.tidy(() => {
    const variable = tf.variable(tf.tensor(kernel, shape));
    const { value, grads } = tf.variableGrads(
      () => tf.losses.meanSquaredError(y, tf.matMul(x as tf.Tensor2D, variable as tf.Tensor as tf.Tensor2D)),
      [variable],
    );
    const gradient = grads[variable.name]!.dataSync() as Float32Array;
    variable.dispose();
    return { loss: value.dataSync()[0]!, gradient };
  });
}

/** Step `at` of a run's data. */
function batchOf({ data, shape }: VectorTensor, at: number): tf.Tensor {
  const [, ...rest] = shape;
  const size = rest.reduce((product, length) => product * length, 1);
  return tf.tensor(data.subarray(at * size, (at + 1) * size), rest);
}

export const movement: Adapter = {
  sections: {
    masks: (fields, compare) => {
      const scores = fields.tensor('scores');
      const received = maskOf(fields.string('kind'), scores.data, fields.number('threshold'));
      const mask = fields.tensor('mask');
      compare.shape('mask', mask.shape, scores.shape);
      compare.mask('mask', mask.data, received, fields.maybe('tied') === true);
    },
    schedules: (fields, compare) => {
      const schedule = movementSchedule({
        totalSteps: fields.number('total_step'),
        warmupSteps: fields.number('warmup_steps'),
        initialThreshold: fields.number('initial_threshold'),
        finalThreshold: fields.number('final_threshold'),
        initialWarmup: fields.number('initial_warmup'),
        finalWarmup: fields.number('final_warmup'),
        finalLambda: fields.number('final_lambda'),
      });
      const at = fields.numbers('steps').map((step) => schedule.at(step));
      const thresholds = at.map(({ threshold }) => threshold);
      compare.numbers('threshold', fields.numbers('threshold'), thresholds);
      const lambdas = at.map(({ lambda }) => lambda);
      compare.numbers('regu_lambda', fields.numbers('regu_lambda'), lambdas);
    },
    global_topk: (fields, compare) => {
      const scores = fields.tensors('scores').map(({ data }) => data);
      const { rank, threshold } = globalThreshold(scores, fields.number('keep'));
      const kth = fields.maybe('kth') ?? undefined;
      compare.same('kth', kth === undefined ? undefined : decodeNumber(kth, 'kth'), rank);
      compare.number('score_threshold', fields.number('score_threshold'), threshold, exact);
      // The floor of a matrix on its own does not belong to the global rule.
      const kept = scores.flatMap((part) => [...part]).filter((score) => score > threshold).length;
      compare.number('kept', fields.number('kept'), kept, exact);
    },
    cases: async (fields, compare) => {
      await useCpuBackend();
      const sentence = 'mean squared error over all elements (+ lambda * mean(sigmoid(S)))';
      compare.same('loss', sentence, fields.string('loss'));
      const kind = fields.string('kind');
      const lambda = fields.number('l1_lambda');
      const [rate, scoreRate] = [fields.number('lr'), fields.number('scores_lr')];
      const [x, y] = [fields.tensor('x'), fields.tensor('y')];
      let { data: weights } = fields.tensor('weights');
      const { shape, data } = fields.tensor('scores');
      let scores = data;
      fields.objects('steps').forEach((step, at) => {
        const mask = maskOf(kind, scores, step.number('threshold'));
        compare.mask(`steps[${at}].mask`, step.numbers('mask'), mask);
        const kernel = applyMask(weights, mask);
        const { loss, gradient } = lossOf(kernel, shape, batchOf(x, at), batchOf(y, at));
        compare.number(`steps[${at}].loss`, step.number('loss'), penalizedLoss(loss, [scores], lambda));
        const gradients = movementGradients({ weights, scores, mask, gradient }, { lambda });
        compare.numbers(`steps[${at}].grad_scores`, step.numbers('grad_scores'), gradients.scores);
        scores = descend(scores, gradients.scores, scoreRate);
        weights = descend(weights, gradients.weights, rate);
        compare.numbers(`steps[${at}].scores`, step.numbers('scores'), scores);
        compare.numbers(`steps[${at}].weights`, step.numbers('weights'), weights);
      });
    },
  },
};
