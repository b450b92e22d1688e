import { native } from '../native/load.ts';

/** Blocks over a matrix [inputs, outputs]. */
export interface BlockGrid {
  inputs: number;
  outputs: number;
  /** Size of a block. */
  blockInputs: number;
  blockOutputs: number;
}

/** One score per block, in row-major order of blocks. */
export interface PooledScores {
  scores: Float32Array;
  /** Blocks along the inputs and along the outputs. */
  shape: [inputs: number, outputs: number];
}

/** TFMOT pads half of what is missing before the matrix, so that its first window sees less than a block. */
function firstOf(size: number, block: number, padding: 'end' | 'split'): number {
  const missing = Math.ceil(size / block) * block - size;
  return padding === 'split' ? block - Math.floor(missing / 2) : block;
}

/**
 * Average or maximum of the scores of each block.
 *
 * @param options.padding - where a matrix that the blocks do not divide is short: `end` cuts the last block (the right thing),
 * `split` cuts the first and the last as TFMOT's pooling does. Both have the same number of blocks.
 * @param options.threads - default 1
 */
export function poolBlocks(
  scores: Float32Array,
  grid: BlockGrid,
  pooling: 'avg' | 'max',
  { padding = 'end', threads = 1 }: { padding?: 'end' | 'split'; threads?: number } = {},
): PooledScores {
  const { inputs, outputs, blockInputs, blockOutputs } = grid;
  return {
    scores: native().blockNorms(
      scores,
      inputs,
      outputs,
      blockInputs,
      blockOutputs,
      firstOf(inputs, blockInputs, padding),
      firstOf(outputs, blockOutputs, padding),
      pooling === 'avg' ? 'mean' : 'max',
      threads,
    ),
    shape: [Math.ceil(inputs / blockInputs), Math.ceil(outputs / blockOutputs)],
  };
}
