import type { Storage, WeightStructure } from '../cases/product-case.ts';
import type { EngineProcess } from '../runner/process.ts';
import type { CaseResult } from '../runner/report.ts';
import type { RunOptions } from '../runner/run-case.ts';
import type { Preset } from './kernel-cells.ts';

export interface SuiteOptions {
  /** Batch sizes. */
  m: readonly number[];
  /** [outputs, inputs] of single layers. */
  shapes: readonly (readonly [number, number])[];
  /** Shares of zeros. */
  sparsity: readonly number[];
  /** Patterns of the zeros of single layers. */
  structure: readonly WeightStructure[];
  storage: readonly Storage[];
  /** Numbers of threads, of every engine. */
  threads: readonly number[];
  /** Names of the engines that take part; undefined: all. */
  engines?: readonly string[];
  /** Instruction set that is forced upon our kernels; undefined: the best of this CPU. */
  isa?: string;
  /** Shapes, structures and batch sizes of the results in docs/, instead of those above. */
  preset?: Preset;
  /** Names of the cases that an earlier run has done. */
  done: ReadonlySet<string>;
  run: RunOptions;
}

/** Gives the process of a rival; it starts at the first call and lives to the end of the bench. */
export type ProcessOf = (name: 'tfjs-node' | 'tfjs-wasm' | 'tfjs-sparse') => EngineProcess;

/** A group of cases: yields each result as soon as it is there. */
export type Suite = (options: SuiteOptions, processOf: ProcessOf) => AsyncGenerator<CaseResult>;

/** `d=0.10`: the share of weights that are there. */
export function densityName(sparsity: number): string {
  return `d=${(1 - sparsity).toFixed(2)}`;
}
