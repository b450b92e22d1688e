/**
 * What the runner times. An engine is one way to do the work of a case: `prepare` does everything that is done
 * once (load, compile, pack), `run` is what gets timed. Every engine takes and gives Float32Arrays, so that what
 * a user's program would pay for conversions is paid here too.
 */
export interface Engine<Case> {
  name: string;
  /** What this engine needs for the case, or why it cannot run it. */
  prepare(work: Case): Promise<Prepared | Unavailable>;
}

export interface Prepared {
  /** One call, from the input that the case describes to a fresh output. */
  run(): unknown;
  /** What `run` does, for an engine that answers by a promise only. */
  runLater?(): Promise<unknown>;
  /** What is compared, where it is not the Float32Array that `run` gives. */
  outputs?(): Float32Array | Promise<Float32Array>;
  /** Facts for the report: versions, kernels chosen, calls counted. Read after the timing. */
  facts?(): Record<string, string | number>;
  dispose?(): void;
}

export interface Unavailable {
  unavailable: string;
}

export function isUnavailable(prepared: Prepared | Unavailable): prepared is Unavailable {
  return 'unavailable' in prepared;
}

/** The output that is compared with other engines'. */
export async function outputOf(prepared: Prepared): Promise<Float32Array> {
  return (await prepared.outputs?.()) ?? (prepared.run() as Float32Array);
}
