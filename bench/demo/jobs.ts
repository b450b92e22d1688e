import type { ModelJob } from './result.ts';

export interface Epochs {
  cnn: number;
  lenet: number;
  /** More epochs of recipe 1. */
  fineTune: number;
}

/** Epochs of the article; those of LeNet and of recipe 1 are this demo's choice. */
export const fullEpochs: Epochs = { cnn: 10, lenet: 5, fineTune: 2 };

function percentId(id: string, sparsity: number): string {
  return `${id}-${Math.round(sparsity * 100)}`;
}

/** Every model of the demo. Listed so that two workers that take the first ready one end at about the same time. */
export function demoJobs(epochs: Epochs): ModelJob[] {
  const cnn = { network: 'cnn' as const };
  const lenet = { network: 'lenet-300-100' as const };
  const recipe1 = { recipe: 'recipe 1' as const, epochs: epochs.fineTune, seed: 20 };
  return [
    { id: 'cnn', ...cnn, recipe: 'baseline', target: 0, epochs: epochs.cnn, seed: 10 },
    { id: 'cnn-scratch-80', ...cnn, recipe: 'recipe 2', target: 0.8, epochs: epochs.cnn, seed: 10 },
    { id: 'lenet', ...lenet, recipe: 'baseline', target: 0, epochs: epochs.lenet, seed: 10 },
    ...[0.5, 0.8, 0.9].map((target) => ({
      id: percentId('cnn', target),
      ...cnn,
      ...recipe1,
      target,
      from: 'cnn',
    })),
    ...[0.9, 0.95].map((target) => ({
      id: percentId('lenet', target),
      ...lenet,
      ...recipe1,
      target,
      from: 'lenet',
    })),
  ];
}

/** Rough seconds of one epoch over all images on one core: only weighs jobs against each other for the time left. */
export function epochCost(job: ModelJob): number {
  const pruned = job.target > 0;
  return job.network === 'cnn' ? (pruned ? 7.5 : 6.5) : pruned ? 3.1 : 2.7;
}
