import fc from 'fast-check';
import type { ScoredWeight } from '../../../../lib/pruning/select-masks.ts';
import type { Structure } from '../../../../lib/sparse/structure.ts';

/** Scores of `length`: few levels, so that most tie; zeros of both signs; infinities; or any float32 number. */
function scoresOf(length: number): fc.Arbitrary<Float32Array> {
  const size = { minLength: length, maxLength: length };
  const levels = fc.integer({ min: -3, max: 3 }).map((level) => (level === 3 ? -0 : level));
  return fc
    .oneof(
      fc.array(levels, size),
      fc.array(fc.constantFrom(0, -0), size),
      fc.array(fc.float({ noNaN: true }), size),
    )
    .map((list) => Float32Array.from(list));
}

/** Weights of rank 2 to 4, or 1 to 4 when `vectors`, with scores. */
export function scoredWeights(options: { vectors: boolean; count: number }): fc.Arbitrary<ScoredWeight[]> {
  const shapes = fc.array(fc.integer({ min: 1, max: 7 }), {
    minLength: options.vectors ? 1 : 2,
    maxLength: 4,
  });
  const one = shapes.chain((shape) =>
    scoresOf(shape.reduce((product, length) => product * length, 1)).map((scores) => ({ shape, scores })),
  );
  return fc
    .array(one, { minLength: 1, maxLength: options.count })
    .map((list) => list.map((weight, i) => ({ key: `layer_${i}/kernel`, ...weight })));
}

/** Fractions that are round, that are any, and both ends. */
export const sparsities = fc.oneof(
  fc.constantFrom(0, 1, 0.5, 0.9, 0.1, 0.999),
  fc.double({ min: 0, max: 1, noNaN: true }),
);

/** Structures whose parts all rank against each other. */
export const rankedStructures: fc.Arbitrary<Structure> = fc.oneof(
  fc.constant<Structure>({ type: 'unstructured' }),
  fc.record({
    type: fc.constant('block' as const),
    inputs: fc.integer({ min: 1, max: 3 }),
    outputs: fc.integer({ min: 1, max: 3 }),
    pooling: fc.constantFrom('avg' as const, 'max' as const),
  }),
  fc.record({
    type: fc.constantFrom('input' as const, 'output' as const),
    order: fc.constantFrom(1 as const, 2 as const, Number.POSITIVE_INFINITY),
  }),
);

/** The matrix that a weight is. */
export function matrixOf({ shape, scores }: ScoredWeight): { inputs: number; outputs: number } {
  const outputs = shape.at(-1)!;
  return { inputs: scores.length / outputs, outputs };
}

/** Whether a structure can be had of a weight. */
export function fits(structure: Structure, weight: ScoredWeight): boolean {
  const { inputs, outputs } = matrixOf(weight);
  return structure.type !== 'block' || (structure.inputs <= inputs && structure.outputs <= outputs);
}

/** For each entry of a weight, the number of the part that it belongs to, parts in row-major order. */
export function partsOf(structure: Structure, weight: ScoredWeight): Int32Array {
  const { inputs, outputs } = matrixOf(weight);
  const [tall, wide] =
    structure.type === 'block'
      ? [structure.inputs, structure.outputs]
      : [structure.type === 'output' ? inputs : 1, structure.type === 'input' ? outputs : 1];
  const across = Math.ceil(outputs / wide);
  return Int32Array.from(
    weight.scores,
    (_, i) => Math.floor(Math.floor(i / outputs) / tall) * across + Math.floor((i % outputs) / wide),
  );
}

/** Bits of the parts of a mask; undefined when a part is neither kept nor pruned as a whole. */
export function partBits(mask: Uint8Array, parts: Int32Array): number[] | undefined {
  const bits: number[] = [];
  for (let i = 0; i < mask.length; i++) {
    const part = parts[i]!;
    bits[part] ??= mask[i]!;
    if (bits[part] !== mask[i]) return undefined;
  }
  return bits;
}

/** The nearest whole number, the even one of two, by another road than the library's. */
export function roundHalfEven(value: number): number {
  const near = [Math.floor(value), Math.ceil(value)];
  const distance = (n: number) => Math.abs(value - n);
  near.sort((a, b) => distance(a) - distance(b) || (a % 2) - (b % 2));
  return near[0]!;
}
