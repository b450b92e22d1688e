import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { UnsupportedLayerError } from '../../../../lib/errors.ts';
import { compile } from '../../../../lib/session/compile.ts';
import { attr, expectGraphRuns, TestGraph } from '../../../helpers/graph-model.ts';
import { Random } from '../../../helpers/random.ts';
import { rejection, relativeDifference } from '../../../helpers/sessions.ts';

const random = new Random();

/** Equations, which of their operands are weights, and whether the first letter is an open batch. */
const equations: [string, boolean, boolean][] = [
  ['bqhd,bkhd->bhqk', false, true],
  ['bhqk,bkhd->bqhd', false, true],
  ['aecd,abcd->acbe', false, true],
  ['bld,dhk->blhk', true, true],
  ['blhk,hkd->bld', true, true],
  ['bd,dn->bn', true, true],
  ['bij,bjk->bik', false, true],
  ['ij,kj->ik', false, false],
  ['ij,ij->j', false, false],
  ['i,j->ij', false, false],
  ['ij,k->kj', false, false],
];

describe('Einsum gives what TensorFlow.js gives:', () => {
  it.each(equations)('%s, weight %s, open batch %s', async (equation, isWeight, isOpen) => {
    const graph = new TestGraph(random);
    const sizes = new Map([...'abcdefghijklmnopqr'].map((letter) => [letter, random.integer(2, 5)]));
    const [left, right] = equation.split('->')[0]!.split(',') as [string, string];
    const shape = (letters: string) => [...letters].map((letter) => sizes.get(letter)!);
    const opened = (own: number[]) => (isOpen ? own.with(0, -1) : own);
    const a = graph.input('a', opened(shape(left)));
    const b = isWeight ? graph.floats('b', shape(right)) : graph.input('b', opened(shape(right)));
    graph.node('y', 'Einsum', [a, b], { equation: attr.text(equation), N: attr.integer(2) });
    await expectGraphRuns(graph, ['y']);
  });

  it('of one operand, a transpose with a sum', async () => {
    const graph = new TestGraph(random);
    graph.node('y', 'Einsum', [graph.input('x', [-1, 3, 4, 2])], { equation: attr.text('bijk->bki') });
    await expectGraphRuns(graph, ['y']);
  });

  it.each(['bi,bj,bk->b', 'bii->bi', 'b...,b->b...'])('and names %s as not compiled', async (equation) => {
    const graph = new TestGraph(random);
    graph.node('y', 'Einsum', [graph.input('x', [-1, 3, 3])], { equation: attr.text(equation) });
    const error = await rejection(compile(graph.artifacts(['y'])));
    expect(error).toBeInstanceOf(UnsupportedLayerError);
    expect((error as Error).message).toContain(equation);
  });
});

describe('space and batch', () => {
  it.each(['Conv2D', 'DepthwiseConv2dNative'])('%s between them is one with dilation', async (op) => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [-1, 6, 8, 3]);
    const block = graph.ints('block', [2, 2]);
    graph.node('spread', 'SpaceToBatchND', [x, block, graph.ints('paddings', [2, 2, 1, 3], [2, 2])]);
    const plain = { strides: attr.integers(1, 1, 1, 1), dilations: attr.integers(1, 1, 1, 1) };
    const filter = graph.floats('w', op === 'Conv2D' ? [3, 3, 3, 4] : [3, 3, 3, 1]);
    graph.node('conv', op, ['spread', filter], { ...plain, padding: attr.text('VALID') });
    graph.node('relu', 'Relu', ['conv']);
    graph.node('y', 'BatchToSpaceND', ['relu', block, graph.ints('crops', [0, 1, 0, 2], [2, 2])]);
    const session = await expectGraphRuns(graph, ['y'], 1);
    expect(session.describe().steps.map((step) => step.op)).not.toContain('strided');
  });

  it('move a batch of pictures and back, as arrays', async () => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [4, 4, 6, 2]);
    const block = graph.ints('block', [2, 3]);
    graph.node('spread', 'SpaceToBatchND', [x, block, graph.ints('paddings', [2, 0, 0, 0], [2, 2])]);
    graph.node('y', 'Mul', ['spread', graph.floats('k', [2])]);
    graph.node('back', 'BatchToSpaceND', ['y', block, graph.ints('crops', [1, 1, 2, 1], [2, 2])]);
    graph.node('rows', 'BatchToSpaceND', [
      x,
      graph.ints('two', [2, 2]),
      graph.ints('none', [0, 0, 0, 0], [2, 2]),
    ]);
    await expectGraphRuns(graph, ['y', 'back', 'rows'], 4);
  });
});

it('Conv2D in groups is its groups, each on its own', async () => {
  const graph = new TestGraph(random);
  const x = graph.input('x', [-1, 5, 6, 6]);
  const values = random.floats(3 * 3 * 2 * 9, 1);
  const plain = { strides: attr.integers(1, 1, 1, 1), dilations: attr.integers(1, 1, 1, 1) };
  const filter = graph.floats('w', [3, 3, 2, 9], values);
  graph.node('y', 'Conv2D', [x, filter], { ...plain, padding: attr.text('SAME') });
  const session = await compile(graph.artifacts(['y']));
  const pixels = random.floats(2 * 5 * 6 * 6, 1);
  const expected = tf.tidy(() => {
    const inputs = tf.split(tf.tensor4d(pixels, [2, 5, 6, 6]), 3, 3);
    const filters = tf.split(tf.tensor4d(values, [3, 3, 2, 9]), 3, 3);
    return tf
      .concat(
        inputs.map((part, i) => tf.conv2d(part as tf.Tensor4D, filters[i] as tf.Tensor4D, 1, 'same')),
        3,
      )
      .dataSync();
  });
  expect(relativeDifference(session.run(pixels), expected)).toBeLessThan(1e-5);
});
