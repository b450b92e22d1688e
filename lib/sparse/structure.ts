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
  | { type: 'unstructured' }
  | { type: 'block'; inputs: number; outputs: number; pooling?: 'avg' | 'max' }
  | { type: 'nm'; keep: number; of: number }
  | { type: 'balanced'; group?: number }
  | { type: 'input' | 'output'; order?: NormOrder };
