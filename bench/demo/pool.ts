import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { threadEnvironment } from '../runner/threads.ts';
import { jobCost } from './jobs.ts';
import type { FromWorker, TrainedModel, WorkerConfig } from './messages.ts';
import type { ModelJob } from './result.ts';

const program = fileURLToPath(new URL('./worker.ts', import.meta.url));

export interface PoolEvents {
  started(lane: number, job: ModelJob): void;
  progress(lane: number, job: ModelJob, at: { epoch: number; share: number; accuracy?: number }): void;
  step(lane: number, job: ModelJob, what: string): void;
  done(lane: number, job: ModelJob, model: TrainedModel): void;
}

export interface Trained {
  models: TrainedModel[];
  /** `summary()` of the wrapped model of recipe 2, by line. */
  summary: string[];
}

/**
 * Trains all models in `lanes` processes of one TensorFlow thread each: two of them are twice as fast as one with
 * two threads (layers this small do not fill two cores). A free process takes the longest job whose start is there.
 */
export async function trainAll(
  jobs: readonly ModelJob[],
  lanes: number,
  config: WorkerConfig,
  events: PoolEvents,
): Promise<Trained> {
  const waiting = [...jobs].sort((a, b) => jobCost(b) - jobCost(a));
  const finished = new Map<string, TrainedModel>();
  let summary: string[] = [];
  const children: ChildProcess[] = [];
  const idle = new Map<number, () => void>();

  const takeJob = (): ModelJob | undefined => {
    const at = waiting.findIndex((job) => job.from === undefined || finished.has(job.from));
    return at < 0 ? undefined : waiting.splice(at, 1)[0];
  };
  const wake = () => {
    for (const [lane, go] of [...idle]) {
      idle.delete(lane);
      go();
    }
  };
  const runLane = (lane: number) =>
    new Promise<void>((resolve, reject) => {
      const child = fork(program, [JSON.stringify(config)], {
        execArgv: ['--import', import.meta.resolve('tsx')],
        env: { ...process.env, ...threadEnvironment(1) },
        serialization: 'advanced',
      });
      children.push(child);
      let current: ModelJob | undefined;
      const next = () => {
        current = takeJob();
        if (current) {
          events.started(lane, current);
          child.send({ job: current });
        } else if (waiting.length > 0) {
          idle.set(lane, next);
        } else {
          child.disconnect();
          resolve();
        }
      };
      child.on('message', (message) => {
        const m = message as FromWorker;
        if (m.type === 'ready') next();
        else if (m.type === 'failed') reject(new Error(`${m.id}: ${m.error}`));
        else if (m.type === 'progress') events.progress(lane, current!, m);
        else if (m.type === 'step') events.step(lane, current!, m.what);
        else {
          finished.set(m.id, m.model);
          summary = m.summary ?? summary;
          events.done(lane, current!, m.model);
          wake();
          next();
        }
      });
      child.on('exit', (code, signal) => reject(new Error(`training process ended: ${signal ?? code}`)));
    });

  try {
    await Promise.all(Array.from({ length: lanes }, (_, lane) => runLane(lane)));
  } finally {
    for (const child of children) if (child.connected) child.disconnect();
  }
  return { models: jobs.map((job) => finished.get(job.id)!), summary };
}
