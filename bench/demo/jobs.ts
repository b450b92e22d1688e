import type { ModelJob } from './result.ts';

export interface Epochs {
  cnn: number;
  lenet: number;
  /** More epochs of recipe 1. */
  fineTune: number;
}

/** Epochs of the article; those of LeNet and of recipe 1 are this demo's choice. */
export const fullEpochs: Epochs = { cnn: 10, lenet: 5, fineTune: 2 };

/** Every model of the demo, in the order of its tables. */
export function demoJobs(epochs: Epochs): ModelJob[] {
  const cnn = { network: 'cnn' as const, epochs: epochs.cnn, seed: 10 };
  const lenet = { network: 'lenet-300-100' as const, epochs: epochs.lenet, seed: 10 };
  const recipe1 = { recipe: 'recipe 1' as const, epochs: epochs.fineTune, seed: 20 };
  const pruned = (base: typeof cnn | typeof lenet, from: string, target: number): ModelJob => ({
    id: `${from}-${Math.round(target * 100)}`,
    ...base,
    ...recipe1,
    target,
    from,
  });
  return [
    { id: 'cnn', ...cnn, recipe: 'baseline', target: 0 },
    ...[0.5, 0.8, 0.9].map((target) => pruned(cnn, 'cnn', target)),
    { id: 'cnn-scratch-80', ...cnn, recipe: 'recipe 2', target: 0.8 },
    { id: 'lenet', ...lenet, recipe: 'baseline', target: 0 },
    ...[0.9, 0.95].map((target) => pruned(lenet, 'lenet', target)),
  ];
}

/** Rough seconds of one epoch over all images on one core: only weighs jobs against each other for the time left. */
function epochCost(job: ModelJob): number {
  const pruned = job.target > 0;
  return job.network === 'cnn' ? (pruned ? 7.5 : 6.5) : pruned ? 3.1 : 2.7;
}

/** Cost of the first `epochs` epochs of a job, of all by default. */
export function jobCost(job: ModelJob, epochs = job.epochs): number {
  return epochs * epochCost(job);
}
