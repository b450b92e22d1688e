import type { Artifacts } from '../io/artifacts.ts';
import type { ModelSource } from '../io/model-source.ts';
import type { Values } from '../session/ports.ts';

/** What all engines of a comparison are given. */
export interface EngineContext {
  source: ModelSource;
  /** The same model, read. */
  artifacts: Artifacts;
  /** Sizes that sessions plan for. */
  batch: readonly number[];
  threads: number;
}

/** A model loaded by one engine. */
export interface LoadedEngine {
  /** Makes this engine the active one, where engines share state. Not timed. */
  activate?(): Promise<void>;
  /** The call that is timed: plain arrays in, in the order of the model's inputs, plain arrays out. */
  call(inputs: readonly Values[], shapes: readonly (readonly number[])[]): () => readonly Values[];
  /** Versions, for the environment block. */
  versions?: Record<string, string>;
  /** What a reader of its figures should know. */
  note?: string;
  dispose(): void | Promise<void>;
}

/** Why an engine cannot run the model. */
export interface NotRun {
  note: string;
}

export type LoadEngine = (context: EngineContext) => Promise<LoadedEngine | NotRun>;

export function isNotRun(engine: LoadedEngine | NotRun): engine is NotRun {
  return !('call' in engine);
}
