import type { CompileOptions } from '../../lib/index.ts';
import type { Values } from '../../lib/session/ports.ts';

/** A saved model and what to feed it, small enough to send to an engine process. */
export interface WholeModelCase {
  /** Path of model.json. */
  path: string;
  kind: 'graph' | 'layers';
  /** In the order of the session's inputs. */
  inputs: { name: string; shape: number[]; dtype: 'float32' | 'int32' }[];
  /** Names in the order of the session's outputs. */
  outputs: string[];
  /** Values of all inputs, for every run that is compared. The first one is timed. */
  sets: Values[][];
  /** Of the session, threads among them; other engines take theirs from the environment. */
  compile: CompileOptions;
}
