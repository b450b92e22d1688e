import { sizeOf } from '../../plan/geometry.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import { constant, type Dim, type GraphTensor, isBatch, numbersOf } from './graph-tensor.ts';
import { matmul } from './matmul.ts';
import type { OpCall } from './op-call.ts';
import type { OpType } from './op-type.ts';
import { reduce } from './reduce.ts';
import { reshapeTo } from './reshape.ts';
import { transpose } from './transpose.ts';

/** A tensor with a letter for each of its axes. */
interface Operand {
  tensor: GraphTensor;
  letters: string[];
}

/**
 * Sums of products by letters, such as `bqhd,bkhd->bhqk` of attention: one or two operands, no letter twice in one. Two are a
 * product of matrices: the letters of both that stay are in front, those that are summed over inside.
 */
export const einsum: OpType = {
  ops: ['Einsum'],
  lower: (call) => {
    const equation = call.attributes.string('equation', '').replaceAll(' ', '');
    const [left = '', right] = equation.split('->');
    const letters = left.split(',').map((part) => [...part]);
    const result = [...(right ?? '')];
    const isPlain = /^[a-zA-Z]*(,[a-zA-Z]*)?->[a-zA-Z]*$/.test(equation);
    const isOnce = [...letters, result].every((list) => new Set(list).size === list.length);
    if (!isPlain || !isOnce || letters.length !== call.inputs.length)
      throw new UnsupportedFeature(
        `the equation "${equation}" is not compiled: one or two operands, each letter once in each; ${keepInTensorFlow}`,
      );
    const operands = letters.map((own, i): Operand => {
      const tensor = call.input(i);
      if (tensor.shape.length !== own.length) throw call.unfit(`${own.length} axes`, [...tensor.shape]);
      return { tensor, letters: own };
    });
    const known = operands.flatMap((operand) => operand.letters);
    if (result.some((letter) => !known.includes(letter)))
      throw call.unfit('letters of the operands', equation);
    const summed = operands.map((operand, i) => {
      const others = [...result, ...operands.flatMap((other, j) => (i === j ? [] : other.letters))];
      return sumOver(call, operand, (letter) => !others.includes(letter));
    });
    const [a, b] = summed as [Operand, Operand | undefined];
    return [inOrder(call, b ? product(call, a, b, result) : a, result).tensor];
  },
};

/** Letters that only this operand has are summed over first. */
function sumOver(call: OpCall, operand: Operand, isSummed: (letter: string) => boolean): Operand {
  const axes = operand.letters.flatMap((letter, axis) => (isSummed(letter) ? [axis] : []));
  if (axes.length === 0) return operand;
  const list = constant('int32', [axes.length], Int32Array.from(axes));
  const [tensor] = reduce.lower(call.with([operand.tensor, list], 'Sum')) as [GraphTensor];
  return { tensor, letters: operand.letters.filter((letter) => !isSummed(letter)) };
}

function product(call: OpCall, a: Operand, b: Operand, result: readonly string[]): Operand {
  const isShared = (letter: string) => a.letters.includes(letter) && b.letters.includes(letter);
  const front = a.letters.filter((letter) => isShared(letter) && result.includes(letter));
  const inner = a.letters.filter((letter) => isShared(letter) && !result.includes(letter));
  const [rows, columns] = [a, b].map(({ letters }) => letters.filter((letter) => !isShared(letter))) as [
    string[],
    string[],
  ];
  // A weight on the left: the same sums with the operands turned round.
  const isWeight = ({ tensor }: Operand) => tensor.kind === 'constant';
  if (isWeight(a) && !isWeight(b) && front.length === 0) return product(call, b, a, result);
  const sizes = sizesOf(call, a, b);
  const known = (letters: readonly string[]) => numbersOf(letters.map((letter) => sizes.get(letter)!));
  const k = sizeOf(known(inner));
  const right = inOrder(call, b, [...front, ...inner, ...columns]).tensor;
  const letters = [...front, ...rows, ...columns];
  const shape = letters.map((letter) => sizes.get(letter)!);
  if (front.length === 0 && isWeight(b) && rows.length > 0) {
    const left = reshapeTo(call, inOrder(call, a, [...rows, ...inner]).tensor, [
      ...rows.map((letter) => sizes.get(letter)!),
      k,
    ]);
    const weight = reshapeTo(call, right, [k, sizeOf(known(columns))]);
    const [sums] = matmul.lower(call.with([left, weight], 'MatMul')) as [GraphTensor];
    return { tensor: reshapeTo(call, sums, shape), letters };
  }
  const outer = front.map((letter) => sizes.get(letter)!);
  const left = inOrder(call, a, [...front, ...rows, ...inner]).tensor;
  const [m, n] = [sizeOf(known(rows)), sizeOf(known(columns))];
  const matrices = [reshapeTo(call, left, [...outer, m, k]), reshapeTo(call, right, [...outer, k, n])];
  const [sums] = matmul.lower(call.with(matrices, 'BatchMatMulV2')) as [GraphTensor];
  return { tensor: reshapeTo(call, sums, shape), letters };
}

function sizesOf(call: OpCall, a: Operand, b: Operand): Map<string, Dim> {
  const sizes = new Map<string, Dim>();
  for (const { tensor, letters } of [a, b])
    letters.forEach((letter, axis) => {
      const [size, held] = [tensor.shape[axis]!, sizes.get(letter)];
      if (held !== undefined && held !== size && !(isBatch(held) && isBatch(size)))
        throw call.unfit(`one size for the letter ${letter}`, [held, size]);
      sizes.set(letter, size);
    });
  return sizes;
}

function inOrder(call: OpCall, { tensor, letters }: Operand, wanted: readonly string[]): Operand {
  const order = constant(
    'int32',
    [wanted.length],
    Int32Array.from(wanted, (l) => letters.indexOf(l)),
  );
  if (order.kind === 'constant' && order.data.every((axis, i) => axis === i))
    return { tensor, letters: [...wanted] };
  const [turned] = transpose.lower(call.with([tensor, order], 'Transpose')) as [GraphTensor];
  return { tensor: turned, letters: [...wanted] };
}
