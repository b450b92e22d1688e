import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError, shown } from '../errors.ts';
import { checkStructure } from '../sparse/check-structure.ts';
import { type Compat, compats, type Structure } from '../sparse/structure.ts';
import { type Distribution, distribute } from './distributions.ts';
import { expectedTogether, expectedZeros, keyOf, reasonFor } from './expected-zeros.ts';
import { countZeros, zeroFraction } from './get-sparsity.ts';
import { checkFraction, checkKeys, checkOneOf } from './options.ts';
import type { PruningRule } from './pruning-rule.ts';
import type { Scope } from './select-masks.ts';
import { type PrunableTensor, prunableTensors } from './weights-of.ts';

/** How strict {@link assertSparsity} is. Default: the exact count. */
export interface AssertSparsityOptions {
  /** Tolerance relative to the sparsity found. */ rtol?: number;
  /** Absolute tolerance of the sparsity. */ atol?: number;
  /** Whose count is expected; default: of a wrapped model its own, else 'exact'. */ compat?: Compat;
  /** Pattern of the zeros; default: of a wrapped layer its own, else unstructured. N:M has a target of its own. */
  structure?: Structure;
  /** 'global': the count of all weights together, for a target that is a number; default: of a wrapped model its own, else 'layer'. */
  scope?: Scope;
  /** How a target that is a number was shared among layers; default: of a wrapped model its own, else 'uniform'. */
  distribution?: Distribution;
}

/** One weight that misses its target; of a global scope, all of them together and then each. */
export interface SparsityMiss {
  /** Name of its layer; '*' for all weights together. */ layer: string;
  /** Name inside the layer, e.g. `kernel`; '*' for all weights together. */ name: string;
  /** Number of entries. */ size: number;
  /** Fraction of zeros asked for, in [0, 1]. */ target: number;
  /** Zeros that pruning to the target leaves. */ expectedZeros: number;
  /** Zeros found. */ zeros: number;
  /** Why the two may differ. */ reason: string;
}

/** |target - got| <= atol + rtol · |got|, the rule of numpy's `isclose`; tolerances default to 0. */
export function withinTolerance(
  target: number,
  got: number,
  { rtol = 0, atol = 0 }: Pick<AssertSparsityOptions, 'rtol' | 'atol'>,
): boolean {
  return Math.abs(target - got) <= atol + rtol * Math.abs(got);
}

function targetFor(weight: PrunableTensor, target: Readonly<Record<string, number>>): number | undefined {
  return target[`${weight.layer}/${weight.name}`] ?? target[weight.layer];
}

function checkTargets(
  target: number | Readonly<Record<string, number>>,
  weights: readonly PrunableTensor[],
): void {
  if (typeof target === 'number') {
    checkFraction('assertSparsity: target', target);
    return;
  }
  if (typeof target !== 'object' || target === null) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `assertSparsity: target is ${shown(target)}, expected a fraction or fractions by layer or layer/weight.`,
      { tensor: 'target', expected: 'a number or an object of numbers', received: target },
    );
  }
  const names = new Set(weights.flatMap(({ layer, name }) => [layer, `${layer}/${name}`]));
  for (const [name, value] of Object.entries(target)) {
    checkFraction(`assertSparsity: target of "${name}"`, value);
    if (names.has(name)) continue;
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `assertSparsity: no prunable weight is called "${name}". Take a layer or layer/weight of: ${[...names].join(', ')}.`,
      { expected: [...names], received: name },
    );
  }
}

/** What the wrappers of a model say alike of one option; `undefined` without wrappers. */
function ownOption<Key extends 'compat' | 'scope' | 'distribution' | 'minKept'>(
  weights: readonly PrunableTensor[],
  option: Key,
): PruningRule[Key] | undefined {
  return weights.find(({ wrapped }) => wrapped)?.wrapped?.rule[option];
}

const lineOf = ({ layer, name, size, target, expectedZeros: expected, zeros, reason }: SparsityMiss) =>
  `  ${layer}/${name}: target ${target}, expected ${expected} zeros of ${size}, found ${zeros}: ${reason}`;

/**
 * Checks every prunable weight of a model against the sparsity that it should have.
 *
 * Without tolerances the number of zeros must be the very one that pruning gives (a fraction of a weight cannot be
 * pruned: 108 weights at 0.8 have 22 left and 86 zeros). With `rtol` or `atol` the check is
 * |target - got| <= atol + rtol · |got|. With scope 'global' the weights are counted together.
 *
 * @param target - for all weights, or by layer name or `layer/weight`; weights not named are not looked at
 * @throws {@link SparseError} `ERR_SPARSE_SPARSITY` that lists every weight that misses, with expected and real count
 *   and a likely reason; `received` is a list of {@link SparsityMiss}
 */
export function assertSparsity(
  model: LayersModel,
  target: number | Readonly<Record<string, number>>,
  options: AssertSparsityOptions = {},
): void {
  const what = 'assertSparsity';
  checkKeys(what, options, ['rtol', 'atol', 'compat', 'structure', 'scope', 'distribution']);
  const { rtol, atol } = options;
  for (const [name, value] of Object.entries({ rtol, atol })) {
    if (value !== undefined) checkFraction(`${what}: ${name}`, value);
  }
  const structure = options.structure && checkStructure(what, options.structure);
  const weights = prunableTensors(what, model).map((weight) =>
    structure && weight.tensor.shape.length > 1 ? { ...weight, structure } : weight,
  );
  const compat = checkOneOf(
    `${what}: compat`,
    options.compat ?? ownOption(weights, 'compat') ?? 'exact',
    compats,
  );
  const ownScope = typeof target === 'number' ? ownOption(weights, 'scope') : undefined;
  const scope = checkOneOf(`${what}: scope`, options.scope ?? ownScope ?? 'layer', ['layer', 'global']);
  checkTargets(target, weights);
  if (weights.length === 0) {
    if (target === 0 || typeof target === 'object') return;
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `${what}: model "${model.name}" has no prunable weight, expected ${target} of its weights to be zero. Is it the right one?`,
      { expected: 'a prunable weight', received: 'none' },
    );
  }
  const tolerant = rtol !== undefined || atol !== undefined;
  const compared = (weight: PrunableTensor, asked: number, expected: number): SparsityMiss => {
    const { layer, name, tensor } = weight;
    const zeros = countZeros(tensor.dataSync());
    const reason =
      zeros === expected ? 'as expected' : reasonFor(weight, { target: asked, expected, zeros, compat });
    return { layer, name, size: tensor.size, target: asked, expectedZeros: expected, zeros, reason };
  };
  const holds = ({ zeros, size, expectedZeros: expected, target: asked }: SparsityMiss) =>
    tolerant ? withinTolerance(asked, zeroFraction(zeros, size), { rtol, atol }) : zeros === expected;

  let misses: SparsityMiss[];
  if (scope === 'global') {
    if (typeof target !== 'number') {
      throw new SparseError(
        'ERR_SPARSE_OPTION',
        `${what}: scope is "global" and target a table, expected one number for all weights. Leave scope out.`,
        { tensor: 'target', expected: 'a number', received: target },
      );
    }
    const minKept = ownOption(weights, 'minKept') ?? 1;
    const own = weights.find(({ tensor }) => tensor.shape.length > 1)?.structure;
    const pattern = structure ?? own ?? ({ type: 'unstructured' } as const);
    const rule = { sparsity: target, structure: pattern, compat, minKept };
    const expected = expectedTogether(weights, rule);
    const parts = weights.map((weight, i) => compared(weight, target, expected[i]!));
    const sum = (of: (part: SparsityMiss) => number) => parts.reduce((total, part) => total + of(part), 0);
    const whole: SparsityMiss = {
      layer: '*',
      name: '*',
      size: sum(({ size }) => size),
      target,
      expectedZeros: sum(({ expectedZeros: one }) => one),
      zeros: sum(({ zeros }) => zeros),
      reason: 'all weights together; those below by one ranking of their present values',
    };
    misses = holds(whole) ? [] : [whole, ...parts];
  } else {
    const distribution = options.distribution ?? ownOption(weights, 'distribution') ?? 'uniform';
    const budgets = weights.map((weight) => ({ key: keyOf(weight), shape: weight.tensor.shape }));
    const shared = typeof target === 'number' ? distribute(budgets, target, distribution) : undefined;
    misses = weights.flatMap((weight) => {
      const asked = shared ? shared[keyOf(weight)] : targetFor(weight, target as Record<string, number>);
      if (asked === undefined) return [];
      const miss = compared(weight, asked, expectedZeros(weight, asked, compat));
      return holds(miss) ? [] : [miss];
    });
  }
  if (misses.length === 0) return;
  const missing =
    scope === 'global' ? 'the weights together miss' : `${misses.length} of ${weights.length} weights miss`;
  throw new SparseError('ERR_SPARSE_SPARSITY', `${what}: ${missing}:\n${misses.map(lineOf).join('\n')}`, {
    layer: misses[0]!.layer,
    tensor: misses[0]!.name,
    expected: misses.map((miss) => miss.expectedZeros),
    received: misses,
  });
}
