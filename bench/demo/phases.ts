import { percent } from '../runner/format.ts';
import { type Display, display } from './display.ts';
import { jobCost } from './jobs.ts';
import { batches, measureLatency } from './latency.ts';
import type { DemoOptions } from './options.ts';
import { type Trained, trainAll } from './pool.ts';
import type { Latency, ModelJob } from './result.ts';
import { modelName } from './tables.ts';

const lanes = 2;

/** Rough seconds of the timing part: four engines in each cell, and as much again to load and warm them. */
function latencySeconds(jobs: readonly ModelJob[], options: DemoOptions): number {
  return jobs.length * batches.length * 4 * (options.seconds + 0.1);
}

/** Work done, in the units of `jobCost`; tells the share and the time left. */
class Clock {
  readonly #began = performance.now();
  readonly #done = new Map<string, number>();
  readonly #total: number;

  constructor(
    jobs: readonly ModelJob[],
    readonly screen: Display,
    readonly after: number,
  ) {
    this.#total = jobs.reduce((sum, job) => sum + jobCost(job), 0);
  }

  update(job: ModelJob, epochsDone: number): void {
    this.#done.set(job.id, jobCost(job, epochsDone));
    const done = [...this.#done.values()].reduce((a, b) => a + b, 0);
    const elapsed = (performance.now() - this.#began) / 1000;
    const rest = ((this.#total - done) / done) * elapsed + this.after;
    // The first seconds (loading, warming up) say nothing about the rest.
    this.screen.overall(elapsed / (elapsed + rest), done / this.#total > 0.02 ? rest : undefined);
  }
}

export async function trainingPhase(jobs: readonly ModelJob[], options: DemoOptions): Promise<Trained> {
  const screen = display(lanes);
  const clock = new Clock(jobs, screen, latencySeconds(jobs, options));
  const { output, trainImages, testImages } = options;
  try {
    return await trainAll(
      jobs,
      lanes,
      { output, trainImages, testImages },
      {
        started: (lane, job) => screen.lane(lane, modelName(job), 0, `epoch 1 of ${job.epochs}`),
        progress(lane, job, { epoch, share, accuracy }) {
          clock.update(job, epoch - 1 + share);
          const so = accuracy === undefined ? '' : `, training accuracy ${percent(accuracy, 2)}`;
          // A finished epoch is shown as the beginning of the next.
          const current = share === 1 && epoch < job.epochs ? epoch + 1 : epoch;
          const detail = `epoch ${current} of ${job.epochs}${so}`;
          screen.lane(lane, modelName(job), (epoch - 1 + share) / job.epochs, detail);
        },
        step: (lane, job, what) => screen.lane(lane, modelName(job), 1, what),
        done(_lane, job, model) {
          clock.update(job, job.epochs);
          screen.log(
            `${modelName(job)}: test accuracy ${percent(model.accuracy, 2)}, ${Math.round(model.trainSeconds)} s`,
          );
        },
      },
    );
  } finally {
    screen.stop();
  }
}

export async function latencyPhase(
  jobs: readonly ModelJob[],
  options: DemoOptions,
): Promise<{ latency: Map<string, Latency[]>; versions: { tfjs: string; tensorflow: string } }> {
  const screen = display(1);
  const began = performance.now();
  const names = new Map(jobs.map((job) => [job.id, modelName(job)]));
  try {
    const latency = await measureLatency({
      output: options.output,
      ids: jobs.map((job) => job.id),
      seconds: options.seconds,
      onProgress(id, share) {
        const elapsed = (performance.now() - began) / 1000;
        screen.overall(share, share > 0.02 ? (elapsed / share) * (1 - share) : undefined);
        screen.lane(0, names.get(id)!, share, 'timing');
      },
    });
    const facts = latency.get(jobs[0]!.id)![0]!.rows[0]!.facts;
    return { latency, versions: { tfjs: String(facts.tfjs), tensorflow: String(facts.tensorflow) } };
  } finally {
    screen.stop();
  }
}
