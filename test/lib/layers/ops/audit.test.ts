import * as tf from '@tensorflow/tfjs-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spreadOps } from '../../../../lib/compile/spread.ts';
import { listOps } from '../../../../lib/compile/tensor-lists.ts';
import { compiledOps } from '../../../../lib/layers/ops/op-registry.ts';
import { compile } from '../../../../lib/session/compile.ts';
import { expectGraphRuns, TestGraph } from '../../../helpers/graph-model.ts';
import { Random } from '../../../helpers/random.ts';
import { elementwiseCases } from './cases/elementwise.ts';
import { foundCases } from './cases/found.ts';
import { listCases } from './cases/lists.ts';
import { moveCases } from './cases/moves.ts';
import type { OpCase, OpCases } from './cases/op-case.ts';
import { productCases } from './cases/products.ts';

/** Random graphs of each operation. */
const rounds = 10;

const cases: OpCases = { ...elementwiseCases, ...productCases, ...moveCases, ...foundCases, ...listCases };

const { seed } = new Random();

/** TensorFlow's operations that TensorFlow.js has not, by what it has. */
const missing: Readonly<
  Record<string, (x: tf.Tensor, node: { attrs: Record<string, unknown> }) => tf.Tensor>
> = {
  PreventGradient: (x) => tf.clone(x),
  CheckNumerics: (x) => tf.clone(x),
  SpaceToDepth: (x, { attrs }) => {
    const block = attrs.block_size as number;
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const split = tf.reshape(x, [batch, height / block, block, width / block, block, channels]);
    const moved = tf.transpose(split, [0, 1, 3, 2, 4, 5]);
    return tf.reshape(moved, [batch, height / block, width / block, block * block * channels]);
  },
};

beforeAll(() => {
  for (const [op, compute] of Object.entries(missing))
    tf.registerOp(op, (node) => compute(node.inputs[0]!, node));
});

afterAll(() => {
  for (const op of Object.keys(missing)) tf.deregisterOp(op);
});

/** TensorFlow.js gives the entry as the first output, where TensorFlow gives the rest of the list: nothing to compare with. */
const popped = 'TensorListPopBack';

/** One random graph; what fails names the seed with which it is the first one. */
async function runCase(op: string, seed: number): Promise<void> {
  const graph = new TestGraph(new Random(seed));
  try {
    const made = cases[op]!(graph, op);
    const { outputs, options }: OpCase = 'outputs' in made ? made : { outputs: made };
    const session = await expectGraphRuns(graph, outputs, 3, 1e-5, options);
    session.dispose();
  } catch (error) {
    throw new Error(`${op}, SEED=${seed}: ${(error as Error).message}`, { cause: error });
  }
}

describe('every operation of a GraphModel gives what TensorFlow.js gives, on random shapes and attributes:', () => {
  it.each(Object.keys(cases))('%s', async (op) => {
    for (let round = 0; round < rounds; round++) await runCase(op, seed + round);
  });

  it(`${popped} gives the last entry, and the list without it`, async () => {
    const graph = new TestGraph(new Random());
    const [x, shape] = [graph.input('x', [3, 2]), graph.ints('shape', [2])];
    graph.node('list', 'TensorListFromTensor', [x, shape]);
    graph.node('popped', popped, ['list', shape]);
    graph.node('rest', 'TensorListStack', ['popped', shape]);
    const last = graph.node('last', 'Identity', ['popped:1']);
    const session = await compile(graph.artifacts(['rest', last]));
    const results = session.run({ x: Float32Array.of(1, 2, 3, 4, 5, 6) });
    expect([...results.rest!]).toEqual([1, 2, 3, 4]);
    expect([...results.last!]).toEqual([5, 6]);
  });

  it('none is left out', () => {
    // Loops and branches are in control-flow.test.ts.
    const all = [...compiledOps(), ...listOps.filter((op) => op !== popped), ...spreadOps];
    expect(Object.keys(cases).toSorted()).toEqual(all.toSorted());
  });
});
