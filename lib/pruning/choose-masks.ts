import type { Compat, Mask, Structure } from '../sparse/structure.ts';
import { type Distribution, distribute } from './distributions.ts';
import { type Scope, selectMasks } from './select-masks.ts';

/** Which entries are kept. */
export interface MaskRule {
  /** Fraction of zeros, in [0, 1]; or such targets by name of a layer or `layer/weight`, all other weights staying dense. */
  readonly sparsity: number | Readonly<Record<string, number>>;
  /** Pattern of the masks of kernels. */ readonly structure: Structure;
  /** One ranking per weight or over all. */ readonly scope: Scope;
  /** With scope 'layer': how the sparsity is shared; default 'uniform'. */
  readonly distribution?: Distribution | undefined;
  /** Whose count and tie rule. */ readonly compat: Compat;
  /** Fewest entries (or blocks, inputs, outputs) that a weight keeps in a global ranking. */ readonly minKept: number;
}

/** A weight to mask, as far as its name and shape go. */
export interface WeightToMask {
  /** `layer/name`. */ readonly key: string;
  readonly shape: readonly number[];
  /** Name of the layer, or the layer. */ readonly layer: string | { readonly name: string };
  /** No kernel: structures mean nothing here. */ readonly bias: boolean;
}

const layerName = ({ layer }: WeightToMask) => (typeof layer === 'string' ? layer : layer.name);

/** The bias of an output lives as long as one weight that leads to it does. */
function biasMask(outputs: number, kernel: Mask): Mask {
  const mask: Mask = new Uint8Array(outputs);
  for (let i = 0; i < kernel.length; i++) if (kernel[i] === 1) mask[i % outputs] = 1;
  return mask;
}

/**
 * Masks of all weights by their scores. Under a structure, biases are ranked without one, each on its own; those of
 * pruned outputs go with their outputs.
 *
 * @param previous - masks of the iteration before: what they prune stays pruned; empty at first
 */
export function chooseMasks(
  weights: readonly WeightToMask[],
  scores: ReadonlyMap<string, Float32Array>,
  previous: ReadonlyMap<string, Mask>,
  rule: MaskRule,
): Map<string, Mask> {
  const { sparsity, structure, scope, distribution, compat, minKept } = rule;
  const structured = structure.type !== 'unstructured';
  const ownTargets = targetsOf(weights, sparsity, distribution);
  const select = (some: readonly WeightToMask[], pattern: Structure, over = scope) => {
    if (some.length === 0) return new Map<string, Mask>();
    const ranked = some.map(({ key, shape }) => {
      const before = previous.get(key);
      return { key, shape, scores: scores.get(key)!, ...(before && { previous: before }) };
    });
    const targets = ownTargets ? tableOf(some, ownTargets) : distribution;
    return selectMasks(ranked, {
      sparsity: typeof sparsity === 'number' ? sparsity : 0,
      structure: pattern,
      scope: over,
      ...(targets !== undefined && { distribution: targets }),
      compat,
      minKept,
    });
  };
  if (!structured) return select(weights, structure);
  const kernels = weights.filter(({ bias }) => !bias);
  const biases = weights.filter(({ bias }) => bias);
  const masks = select(kernels, structure);
  if (structure.type !== 'output') {
    for (const [key, mask] of select(biases, { type: 'unstructured' }, 'layer')) masks.set(key, mask);
  }
  const ordered = weights.map((one): [string, Mask] => {
    const { key, shape } = one;
    if (!one.bias || structure.type !== 'output') return [key, masks.get(key)!];
    const kernel = kernels.find(
      (weight) => layerName(weight) === layerName(one) && weight.shape.at(-1) === shape[0],
    );
    return [key, kernel ? biasMask(shape[0]!, masks.get(kernel.key)!) : new Uint8Array(shape[0]!).fill(1)];
  });
  return new Map(ordered);
}

/** Targets by key where there are such, of all weights at once: a table may name biases, which are ranked apart. */
function targetsOf(
  weights: readonly WeightToMask[],
  sparsity: MaskRule['sparsity'],
  distribution: MaskRule['distribution'],
): Readonly<Record<string, number>> | undefined {
  if (typeof sparsity === 'number') {
    return typeof distribution === 'object' ? distribute(weights, sparsity, distribution) : undefined;
  }
  const target = (one: WeightToMask) => sparsity[one.key] ?? sparsity[layerName(one)] ?? 0;
  return Object.fromEntries(weights.map((one) => [one.key, target(one)]));
}

function tableOf(weights: readonly WeightToMask[], targets: Readonly<Record<string, number>>) {
  return Object.fromEntries(weights.map(({ key }) => [key, targets[key]!]));
}
