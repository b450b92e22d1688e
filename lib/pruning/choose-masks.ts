import type { Mask, Structure } from '../sparse/structure.ts';
import type { LiveWeight } from './live-weights.ts';
import type { PruneOnceRun } from './prune-once-config.ts';
import { selectMasks } from './select-masks.ts';

/** The part of a run that says which entries are kept. */
export type MaskRule = Pick<
  PruneOnceRun,
  'sparsity' | 'structure' | 'scope' | 'distribution' | 'compat' | 'minKept'
>;

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
  weights: readonly LiveWeight[],
  scores: ReadonlyMap<string, Float32Array>,
  previous: ReadonlyMap<string, Mask>,
  rule: MaskRule,
): Map<string, Mask> {
  const { sparsity, structure, scope, distribution, compat, minKept } = rule;
  const structured = structure.type !== 'unstructured';
  const select = (some: readonly LiveWeight[], pattern: Structure, over = scope) => {
    if (some.length === 0) return new Map<string, Mask>();
    const ranked = some.map(({ key, shape }) => {
      const before = previous.get(key);
      return { key, shape, scores: scores.get(key)!, ...(before && { previous: before }) };
    });
    const targets = typeof sparsity === 'number' ? distribution : tableOf(some, sparsity);
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
  const ordered = weights.map(({ key, layer, bias, shape }): [string, Mask] => {
    if (!bias || structure.type !== 'output') return [key, masks.get(key)!];
    const kernel = kernels.find((weight) => weight.layer === layer && weight.shape.at(-1) === shape[0]);
    return [key, kernel ? biasMask(shape[0]!, masks.get(kernel.key)!) : new Uint8Array(shape[0]!).fill(1)];
  });
  return new Map(ordered);
}

/** Targets by key, where a table names layers or weights. */
function tableOf(weights: readonly LiveWeight[], table: Readonly<Record<string, number>>) {
  return Object.fromEntries(weights.map(({ key, layer }) => [key, table[key] ?? table[layer.name] ?? 0]));
}
