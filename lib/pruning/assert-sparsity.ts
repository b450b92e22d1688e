import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError, shown } from '../errors.ts';
import { checkStructure } from '../sparse/check-structure.ts';
import { type Compat, compats, type Structure } from '../sparse/structure.ts';
import { keptCount } from './counts.ts';
import { countZeros, zeroFraction } from './get-sparsity.ts';
import { maskByMagnitude } from './mask.ts';
import { checkFraction, checkKeys, checkOneOf } from './options.ts';
import { type PrunableTensor, prunableTensors } from './weights-of.ts';

/** How strict {@link assertSparsity} is. Default: the exact count. */
export interface AssertSparsityOptions {
  /** Tolerance relative to the sparsity found. */ rtol?: number;
  /** Absolute tolerance of the sparsity. */ atol?: number;
  /** Whose count is expected; default 'exact'. */ compat?: Compat;
  /** Pattern of the zeros; default: of a wrapped layer its own, else unstructured. N:M has a target of its own. */
  structure?: Structure;
}

/** One weight that misses its target. */
export interface SparsityMiss {
  /** Name of its layer. */ layer: string;
  /** Name inside the layer, e.g. `kernel`. */ name: string;
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

/** Zeros that pruning to `target` leaves in this weight. */
function expectedZeros(weight: PrunableTensor, target: number, compat: Compat): number {
  const { tensor, structure } = weight;
  if (target === 0) return 0;
  if (!structure || structure.type === 'unstructured')
    return tensor.size - keptCount(tensor.size, target, compat);
  // How many entries a kept block has depends on which one it is. Zeros rank last, so ranking what is there finds out.
  const values = tensor.dataSync() as Float32Array;
  const { kept } = maskByMagnitude(values, tensor.shape, { sparsity: target, structure, compat });
  return tensor.size - kept;
}

function reasonFor(size: number, target: number, expected: number, zeros: number, compat: Compat): string {
  if (zeros === 0)
    return 'nothing is pruned here: did the schedule ever update the masks, and were they applied?';
  const off = Math.abs(zeros - expected);
  if (off <= 1) {
    return `${size} weights at ${target} are ${size * target} zeros, which compat ${compat} makes ${expected}`;
  }
  if (zeros > expected) return 'more zeros than asked: some weights were zero before, or were pruned further';
  if (compat === 'tfmot')
    return 'fewer zeros than asked: weights that tie with the threshold are all kept, or it was pruned less';
  return 'fewer zeros than asked: the schedule has not reached its end, or the weights were trained on without masks';
}

function targetFor(
  weight: PrunableTensor,
  target: number | Readonly<Record<string, number>>,
): number | undefined {
  if (typeof target === 'number') return target;
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

/**
 * Checks every prunable weight of a model against the sparsity that it should have.
 *
 * Without tolerances the number of zeros must be the very one that pruning gives (a fraction of a weight cannot be
 * pruned: 108 weights at 0.8 have 22 left and 86 zeros). With `rtol` or `atol` the check is
 * |target - got| <= atol + rtol · |got|.
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
  checkKeys('assertSparsity', options, ['rtol', 'atol', 'compat', 'structure']);
  const { rtol, atol } = options;
  const compat = checkOneOf('assertSparsity: compat', options.compat ?? 'exact', compats);
  for (const [name, value] of Object.entries({ rtol, atol })) {
    if (value !== undefined) checkFraction(`assertSparsity: ${name}`, value);
  }
  const structure = options.structure && checkStructure('assertSparsity', options.structure);
  const weights = prunableTensors('assertSparsity', model).map((weight) =>
    structure && weight.tensor.shape.length > 1 ? { ...weight, structure } : weight,
  );
  checkTargets(target, weights);
  const tolerant = rtol !== undefined || atol !== undefined;
  const misses: SparsityMiss[] = [];
  for (const weight of weights) {
    const asked = targetFor(weight, target);
    if (asked === undefined) continue;
    const { size } = weight.tensor;
    const zeros = countZeros(weight.tensor.dataSync());
    const got = zeroFraction(zeros, size);
    const expected = expectedZeros(weight, asked, compat);
    const holds = tolerant ? withinTolerance(asked, got, { rtol, atol }) : zeros === expected;
    if (holds) continue;
    const reason = reasonFor(size, asked, expected, zeros, compat);
    misses.push({
      layer: weight.layer,
      name: weight.name,
      size,
      target: asked,
      expectedZeros: expected,
      zeros,
      reason,
    });
  }
  if (misses.length === 0) return;
  const lines = misses.map(({ layer, name, size, target: asked, expectedZeros: expected, zeros, reason }) => {
    return `  ${layer}/${name}: target ${asked}, expected ${expected} zeros of ${size}, found ${zeros}: ${reason}`;
  });
  throw new SparseError(
    'ERR_SPARSE_SPARSITY',
    `assertSparsity: ${misses.length} of ${weights.length} weights miss:\n${lines.join('\n')}`,
    {
      layer: misses[0]!.layer,
      tensor: misses[0]!.name,
      expected: misses.map((miss) => miss.expectedZeros),
      received: misses,
    },
  );
}
