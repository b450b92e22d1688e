import type { Tensor } from '@tensorflow/tfjs-core';

/** A loss by the name that `model.compile` takes, 'softmaxCrossEntropy' of logits, or a function of targets and outputs. */
export type LossChoice = string | ((yTrue: Tensor, yPred: Tensor) => Tensor);
