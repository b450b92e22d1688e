import {
  linearModeConnectivity,
  lotteryTicket,
  pruningRecipe,
  retrain,
  type StudyOptions,
  supermask,
  type TrainingOptions,
} from '../../../../lib/pruning.ts';
import { tinyStudy } from './problem.ts';

/** What a test gives besides. */
export type Given = StudyOptions & Partial<TrainingOptions>;

/** Every training study at a size that runs in a moment. */
export const studies: Record<string, (given: Given) => AsyncGenerator<object, void>> = {
  lotteryTicket: (given) =>
    lotteryTicket({ ...tinyStudy(given.model), sparsity: 0.75, rounds: 2, rewindStep: 3, ...given }),
  'retrain by fine-tuning': (given) =>
    retrain({ ...tinyStudy(given.model), method: 'fineTune', sparsity: 0.5, retrainEpochs: 1, ...given }),
  'retrain by rewinding weights': (given) =>
    retrain({
      ...tinyStudy(given.model),
      method: 'rewindWeights',
      sparsity: 0.5,
      rounds: 2,
      retrainEpochs: 1,
      ...given,
    }),
  'retrain by rewinding the learning rate': (given) =>
    retrain({
      ...tinyStudy(given.model),
      method: 'rewindLearningRate',
      learningRates: [0.02, 0.01],
      sparsity: 0.5,
      ...given,
    }),
  linearModeConnectivity: (given) =>
    linearModeConnectivity({ ...tinyStudy(given.model), splitSteps: [0, 5], copies: 3, alphas: 4, ...given }),
  'supermask, heuristic': (given) =>
    supermask({ ...tinyStudy(given.model), method: 'heuristic', sparsities: [0.5, 0.8], ...given }),
  'supermask, learned': (given) =>
    supermask({ ...tinyStudy(given.model), method: 'learned', samples: 2, ...given }),
  'pruningRecipe, trained': (given) =>
    pruningRecipe({ ...tinyStudy(given.model), recipe: 'trained', sparsity: 0.5, pruneEpochs: 1, ...given }),
  'pruningRecipe, from the start': (given) =>
    pruningRecipe({ ...tinyStudy(given.model), recipe: 'fromStart', sparsity: 0.5, ...given }),
};
