import { type Compat, compats } from '../sparse/structure.ts';
import { countOnes } from '../sparse/structured-mask.ts';
import { isRanked } from '../sparse/units.ts';
import { askSchedule } from './ask-schedule.ts';
import { chooseMasks, type MaskRule } from './choose-masks.ts';
import { keptCount } from './counts.ts';
import { magnitude } from './criteria/magnitude.ts';
import { isFixed } from './fixed-masks.ts';
import { maskByMagnitude } from './mask.ts';
import type { PrunableTensor, WrappedWeight } from './weights-of.ts';

const unstructured = { type: 'unstructured' } as const;

export const keyOf = ({ layer, name }: PrunableTensor) => `${layer}/${name}`;

/** Zeros that pruning one weight to `target` leaves in it. */
export function expectedZeros(weight: PrunableTensor, target: number, compat: Compat): number {
  const { tensor, structure = unstructured } = weight;
  // N:M has a target of its own, which 0 does not lift.
  if (target === 0 && structure.type !== 'nm') return 0;
  if (structure.type === 'unstructured') return tensor.size - keptCount(tensor.size, target, compat);
  // How many entries a kept block has depends on which one it is. Zeros rank last, so ranking what is there finds out.
  const values = tensor.dataSync() as Float32Array;
  const rule = { sparsity: target, structure, compat };
  return tensor.size - maskByMagnitude(values, tensor.shape, rule, keyOf(weight)).kept;
}

/** Zeros of each weight that one ranking of all of them leaves, by the values that are there. */
export function expectedTogether(
  weights: readonly PrunableTensor[],
  rule: Omit<MaskRule, 'scope'>,
): number[] {
  const named = weights.map((weight) => {
    const { shape } = weight.tensor;
    return { key: keyOf(weight), shape, layer: weight.layer, bias: shape.length === 1 };
  });
  const scores = new Map(
    weights.map((weight) => [keyOf(weight), magnitude({ values: weight.tensor.dataSync() as Float32Array })]),
  );
  const masks = chooseMasks(named, scores, new Map(), { ...rule, scope: 'global' });
  return weights.map((weight) => weight.tensor.size - countOnes(masks.get(keyOf(weight))!));
}

/** What a count of zeros is compared with. */
export interface Expectation {
  target: number;
  expected: number;
  zeros: number;
  compat: Compat;
}

/** Why the zeros of a wrapped weight are not those expected: its mask, its schedule and its step are known. */
function reasonOfWrapped(
  { rule, weight, step }: WrappedWeight,
  { target, expected, zeros }: Expectation,
): string {
  const masked = weight.variable.size - countOnes(weight.readMask());
  if (masked === expected) {
    if (zeros > masked)
      return `the mask prunes the ${expected} expected; ${zeros - masked} kept weights are zero by themselves`;
    return `the mask prunes the ${expected} expected, but ${masked - zeros} of them have been trained on since: compat "tfmot" zeroes them in the next call, or at the end of an epoch`;
  }
  if (masked === 0) {
    if (isFixed(rule.schedule)) return 'its mask was given, and keeps all';
    return `no mask has been computed by step ${step}: look at the schedule's beginStep and frequency, and at the number of steps`;
  }
  if (isFixed(rule.schedule)) return `its mask was given, and prunes ${masked}`;
  const { sparsity } = askSchedule(rule.schedule, Math.max(step, 0));
  if (Math.abs(sparsity - target) > 1e-6)
    return `its mask prunes ${masked}: at step ${step} the schedule stands at ${sparsity}, not at ${target}`;
  if (rule.compat === 'tfmot' && masked < expected)
    return `its mask prunes ${masked}: weights that tie with the threshold are all kept`;
  return `its mask prunes ${masked}: made at an earlier sparsity, or by another rule of counting than the one asked for`;
}

/** The other rule of counting that gives just these zeros, if there is one. */
function otherRule(
  { tensor, structure = unstructured }: PrunableTensor,
  expectation: Expectation,
): string | undefined {
  const { target, zeros, compat } = expectation;
  const { size, shape } = tensor;
  if (!isRanked(structure) || structure.type !== 'unstructured') return undefined;
  // OpenLTH's rule throws where it would prune all.
  const countable = compats.filter((one) => one !== 'openlth' || Math.ceil(target * size) < size);
  const same = countable.find((one) => one !== compat && size - keptCount(size, target, one) === zeros);
  if (same) return `that is the count of compat "${same}"`;
  const outputs = shape.at(-1) ?? 1;
  const inputs = size / outputs;
  if (Math.trunc(inputs * target) * outputs === zeros)
    return `that is Wanda's count, trunc(${inputs} · ${target}) of each of ${outputs} outputs`;
  return undefined;
}

/** The likely reason why a weight's zeros are not those expected. */
export function reasonFor(weight: PrunableTensor, expectation: Expectation): string {
  const { target, expected, zeros, compat } = expectation;
  if (weight.wrapped) return reasonOfWrapped(weight.wrapped, expectation);
  if (zeros === 0)
    return 'nothing is pruned here: did the schedule ever update the masks, and were they applied?';
  const rule = otherRule(weight, expectation);
  if (rule) return rule;
  const { size } = weight.tensor;
  if (Math.abs(zeros - expected) <= 1)
    return `${size} weights at ${target} are ${size * target} zeros, which compat ${compat} makes ${expected}`;
  if (zeros > expected) return 'more zeros than asked: some weights were zero before, or were pruned further';
  if (compat === 'tfmot')
    return 'fewer zeros than asked: weights that tie with the threshold are all kept, or it was pruned less';
  return 'fewer zeros than asked: the schedule has not reached its end, or the weights were trained on without masks';
}
