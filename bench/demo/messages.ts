import type { DemoModel, ModelJob } from './result.ts';

/** What a training process is told when it starts. */
export interface WorkerConfig {
  output: string;
  trainImages: number;
  testImages: number;
}

/** To a training process. */
export interface ToWorker {
  job: ModelJob;
}

/** What training and judging a model gives; sizes get their ratio to the baseline when all are there. */
export type TrainedModel = Omit<DemoModel, 'latency'>;

/** From a training process. */
export type FromWorker =
  | { type: 'ready' }
  | { type: 'progress'; id: string; epoch: number; share: number; accuracy?: number }
  | { type: 'step'; id: string; what: string }
  | { type: 'done'; id: string; model: TrainedModel; summary?: string[] }
  | { type: 'failed'; id: string; error: string };
