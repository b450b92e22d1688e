import { type Engine, isUnavailable, outputOf, type Prepared, type Unavailable } from './engine.ts';
import { sample, sampleLater } from './sample.ts';

/** A place at the table of one case: an engine in this process or in its own, as the runner sees it. */
export interface Seat {
  name: string;
  /** Gives at most so many samples; the result's row says so. Default: as many as the others. */
  maxRounds?: number;
  /** The output for the case's input, or why there is none. */
  prepare(): Promise<{ output: Float32Array } | Unavailable>;
  /** Seconds of one call, from one sample of `calls` calls. */
  sample(calls: number): number | Promise<number>;
  facts(): Promise<Record<string, string | number>>;
  dispose(): Promise<void>;
}

/** An engine that runs in this process. */
export function localSeat<Case>(engine: Engine<Case>, work: Case): Seat {
  let prepared: Prepared | undefined;
  const ready = () => {
    if (!prepared) throw new Error(`${engine.name}: not prepared`);
    return prepared;
  };
  return {
    name: engine.name,
    async prepare() {
      const made = await engine.prepare(work);
      if (isUnavailable(made)) return made;
      prepared = made;
      return { output: await outputOf(made) };
    },
    sample: (calls) => {
      const { run, runLater } = ready();
      return runLater ? sampleLater(runLater, calls) : sample(run, calls);
    },
    facts: async () => prepared?.facts?.() ?? {},
    dispose: async () => prepared?.dispose?.(),
  };
}
