import type { Comparison, Tolerance } from './comparison.ts';
import type { Fields } from './fields.ts';

/** Checks one case: reads its fields, calls the library, compares. */
export type CheckCase = (fields: Fields, compare: Comparison) => void | Promise<void>;

/**
 * Says how a vector file is put to the library. It maps names and shapes and does no arithmetic beyond 1 - density,
 * n - m, reshaping and transposing: whatever is computed, the library computes.
 */
export interface Adapter {
  /** What checks the entries of each list (or the one object) of the file, by key. */
  readonly sections: Readonly<Record<string, CheckCase>>;
  /** What a file's `layout` says; another one is not understood. */
  readonly layout?: string;
  /** Reads a tolerance that is a sentence; `undefined` when it is not understood. */
  readonly readSentence?: (text: string) => Tolerance | undefined;
}
