import { native } from '../native/load.ts';
import { poolBlocks } from './block-pool.ts';
import { normName } from './ranking.ts';
import type { Structure } from './structure.ts';

/** A structure whose parts all rank against each other: weights, blocks, inputs or outputs. */
export type RankedStructure = Extract<Structure, { type: 'unstructured' | 'block' | 'input' | 'output' }>;

/** Whether the parts of a structure have one ranking; N:M and balanced have one per group. */
export function isRanked(structure: Structure): structure is RankedStructure {
  return structure.type !== 'nm' && structure.type !== 'balanced';
}

/** Parts of a matrix that are kept or pruned as one. */
export interface Units {
  /** Rows and columns of a part; the last ones may be cut. */
  block: [inputs: number, outputs: number];
  /** Parts along the inputs and along the outputs. */
  grid: [inputs: number, outputs: number];
}

/** The parts that a structure cuts a matrix [inputs, outputs] into. */
export function unitsOf(structure: RankedStructure, inputs: number, outputs: number): Units {
  const block: [number, number] =
    structure.type === 'block'
      ? [structure.inputs, structure.outputs]
      : [structure.type === 'output' ? inputs : 1, structure.type === 'input' ? outputs : 1];
  return { block, grid: [Math.ceil(inputs / block[0]), Math.ceil(outputs / block[1])] };
}

/** One score per part, in row-major order: pooled for blocks, a norm for inputs and outputs. */
export function unitScores(
  scores: Float32Array,
  structure: RankedStructure,
  inputs: number,
  outputs: number,
  options: { padding?: 'end' | 'split'; threads?: number } = {},
): Float32Array {
  const [blockInputs, blockOutputs] = unitsOf(structure, inputs, outputs).block;
  if (structure.type === 'unstructured') return scores;
  if (structure.type === 'block') {
    const grid = { inputs, outputs, blockInputs, blockOutputs };
    return poolBlocks(scores, grid, structure.pooling ?? 'avg', options).scores;
  }
  const norm = normName(structure.order ?? 2);
  const block = [blockInputs, blockOutputs] as const;
  return native().blockNorms(scores, inputs, outputs, ...block, ...block, norm, options.threads ?? 1);
}
