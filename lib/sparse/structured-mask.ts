import { SparseError } from '../errors.ts';
import { native } from '../native/load.ts';
import { balancedCounts, defaultBalancedGroup } from './balanced.ts';
import { poolBlocks } from './block-pool.ts';
import { flatMask, type MaskResult } from './flat-mask.ts';
import type { Compat, Mask, Structure } from './structure.ts';
import { unitScores, unitsOf } from './units.ts';

/** The matrix that is masked, and the shape of the weight that it is. */
export interface MaskedMatrix {
  what: string;
  name: string;
  scores: Float32Array;
  shape: readonly number[];
  inputs: number;
  outputs: number;
  /** Gets the mask: as many bytes as scores, whatever stands there. */
  mask: Mask;
  /** That norms of blocks, inputs and outputs, and the ranking of these, may use. */
  threads: number;
}

type Of<Type extends Structure['type']> = Extract<Structure, { type: Type }>;

/** Structures that each rule knows beside the unstructured one. */
const known: Readonly<Record<Compat, readonly Structure['type'][]>> = {
  exact: ['block', 'nm', 'balanced', 'input', 'output'],
  tfmot: ['block', 'nm'],
  torch: ['input', 'output'],
  openlth: [],
  synflow: [],
};

/** Ones in a mask. */
export function countOnes(mask: Mask): number {
  return native().countOnes(mask);
}

/** One bit per block of `blockInputs` × `blockOutputs`, ranked by `scores`. */
function expanded(
  m: MaskedMatrix,
  scores: Float32Array,
  block: [number, number],
  sparsity: number,
  compat: Compat,
) {
  const ranked = {
    what: m.what,
    name: `${m.name} (pooled)`,
    values: scores,
    magnitude: false,
    threads: m.threads,
  };
  const blocks = flatMask(ranked, sparsity, compat);
  const kept = native().expandMask(blocks.mask, m.inputs, m.outputs, block[0], block[1], m.mask);
  return { mask: m.mask, threshold: blocks.threshold, kept };
}

function blockMask(m: MaskedMatrix, s: Of<'block'>, sparsity: number, compat: Compat): MaskResult {
  const grid = { inputs: m.inputs, outputs: m.outputs, blockInputs: s.inputs, blockOutputs: s.outputs };
  const padding = compat === 'tfmot' ? 'split' : 'end';
  const pooled = poolBlocks(m.scores, grid, s.pooling ?? 'avg', { padding, threads: m.threads });
  if (compat === 'tfmot' && (m.shape.length !== 2 || pooled.shape.includes(1))) {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `${m.what}: ${m.name} of shape [${m.shape}] has [${pooled.shape}] blocks of [${s.inputs}, ${s.outputs}]; compat ` +
        '"tfmot" takes matrices of at least two blocks along each side. compat "exact" has no such limit.',
      { tensor: m.name, expected: 'at least [2, 2] blocks of a matrix', received: pooled.shape },
    );
  }
  return expanded(m, pooled.scores, [s.inputs, s.outputs], sparsity, compat);
}

function sideMask(m: MaskedMatrix, s: Of<'input' | 'output'>, sparsity: number, compat: Compat): MaskResult {
  const { block } = unitsOf(s, m.inputs, m.outputs);
  return expanded(m, unitScores(m.scores, s, m.inputs, m.outputs, m), block, sparsity, compat);
}

/** `matrices` matrices one after the other, each cut into groups of neighbouring inputs. */
function groupMask(m: MaskedMatrix, group: number, counts: Int32Array, matrices: number): MaskResult {
  const { mask } = m;
  const inputs = m.inputs / matrices;
  const size = inputs * m.outputs;
  for (let at = 0; at < mask.length; at += size) {
    const scores = m.scores.subarray(at, at + size);
    native().groupMask(
      scores,
      inputs,
      m.outputs,
      Math.min(group, inputs),
      counts,
      mask.subarray(at, at + size),
    );
  }
  const perOutput = counts.reduce((sum, count, b) => sum + Math.min(count, inputs - b * group), 0);
  return { mask, threshold: undefined, kept: perOutput * m.outputs * matrices };
}

function nmMask(m: MaskedMatrix, s: Of<'nm'>, compat: Compat): MaskResult {
  let matrices = 1;
  if (compat === 'tfmot') {
    // TFMOT's groups run along the input channels of one tap of a convolution and start anew at the next.
    if (m.shape.length !== 2 && m.shape.length !== 4) {
      throw new SparseError(
        'ERR_SPARSE_SHAPE',
        `${m.what}: ${m.name} has shape [${m.shape}]; N:M with compat "tfmot" needs rank 2 or 4. ` +
          'compat "exact" takes any rank from 2.',
        { tensor: m.name, expected: 'rank 2 or 4', received: m.shape },
      );
    }
    if (m.shape.length === 4) matrices = m.shape[0]! * m.shape[1]!;
  }
  const groups = Math.ceil(m.inputs / matrices / s.of);
  // A last group that is shorter than `keep` keeps all that it has.
  const counts = new Int32Array(groups).fill(Math.min(s.keep, m.inputs / matrices));
  return groupMask(m, s.of, counts, matrices);
}

/**
 * The mask of a structure other than the unstructured one.
 *
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` when `compat` does not know the structure
 */
export function structuredMask(
  m: MaskedMatrix,
  structure: Exclude<Structure, { type: 'unstructured' }>,
  sparsity: number,
  compat: Compat,
): MaskResult {
  if (!known[compat].includes(structure.type)) {
    const expected = ['unstructured', ...known[compat]];
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${m.what}: compat "${compat}" has no rule for the structure "${structure.type}", expected one of ` +
        `${expected.join(', ')}. compat "exact" knows every structure.`,
      { tensor: m.name, expected, received: structure.type },
    );
  }
  if (m.scores.length === 0) return { mask: m.mask, threshold: undefined, kept: 0 };
  switch (structure.type) {
    case 'block':
      return blockMask(m, structure, sparsity, compat);
    case 'input':
    case 'output':
      return sideMask(m, structure, sparsity, compat);
    case 'nm':
      return nmMask(m, structure, compat);
    case 'balanced': {
      const group = structure.group ?? defaultBalancedGroup;
      return groupMask(m, group, balancedCounts(m.inputs, group, 1 - sparsity), 1);
    }
  }
}
