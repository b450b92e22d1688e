/** 1 = keep, 0 = pruned; as long as the weight it masks. */
export type Mask = Uint8Array;

/**
 * Whose rule decides how many are kept and what happens to ties: `exact` is this package's own, the others do as
 * TensorFlow Model Optimization, torch.nn.utils.prune, OpenLTH and Synaptic-Flow do.
 */
export type Compat = 'exact' | 'tfmot' | 'torch' | 'openlth' | 'synflow';

/** Every {@link Compat}. */
export const compats = ['exact', 'tfmot', 'torch', 'openlth', 'synflow'] as const satisfies readonly Compat[];

/** Order of an Lp norm: sum of absolute values, square root of the sum of squares, greatest absolute value. */
export type NormOrder = 1 | 2 | typeof Infinity;

/**
 * Pattern of a mask. A Dense kernel is the matrix [inputs, outputs]; any weight of a higher rank is the matrix
 * [product of all axes but the last, last axis].
 *
 * - block: `inputs` × `outputs` neighbouring weights live or die together, by the average (default) or maximum of their
 *   scores. A block that does not divide the matrix is cut at the edge and scored on what is there.
 * - nm: at most `keep` of every `of` neighbouring inputs of each output; a shorter last group keeps at most `keep` too.
 * - balanced: with density d, block b of `group` (default 32) neighbouring inputs keeps
 *   floor((b+1)·d·group) − floor(b·d·group) of them in every output; the last block counts the inputs that it has.
 * - input, output: a whole input or a whole output, ranked by the norm (default L2) of its scores.
 */
export type Structure =
  | {
      /** Each weight on its own. */
      type: 'unstructured';
    }
  | {
      /** Blocks that live or die as one. */
      type: 'block';
      /** Height of a block. */
      inputs: number;
      /** Width of a block. */
      outputs: number;
      /** How a block is scored; default 'avg'. */
      pooling?: 'avg' | 'max';
    }
  | {
      /** N:M. Its sparsity is 1 - keep/of. */
      type: 'nm';
      /** Weights that each group keeps at most. */
      keep: number;
      /** Inputs of a group. */
      of: number;
    }
  | {
      /** The same number in every output. */
      type: 'balanced';
      /** Inputs of a block; default 32. */
      group?: number;
    }
  | {
      /** Whole rows or whole columns. */
      type: 'input' | 'output';
      /** Norm that ranks them; default 2. */
      order?: NormOrder;
    };
