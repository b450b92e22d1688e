import { describe, expect, it } from 'vitest';
import { lowerModel } from '../../../lib/compile/lower-model.ts';
import { evaluate } from '../../../lib/plan/evaluate.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { attr, expectGraphRuns, TestGraph } from '../../helpers/graph-model.ts';
import { Random } from '../../helpers/random.ts';

const ops = (plan: Plan) => plan.steps.map(({ op }) => op);
const noTranspose = { transpose_a: attr.boolean(false), transpose_b: attr.boolean(false) };

describe('what only constants and shapes make', () => {
  it('is no step: Shape, StridedSlice, Pack and Reshape are the reshape alone', async () => {
    const graph = new TestGraph(new Random());
    const x = graph.input('x', [-1, 2, 3, 4]);
    const at = [0, 1, 1].map((value, i) => graph.ints(`at${i}`, [value]));
    const batch = graph.node('batch', 'StridedSlice', [graph.node('shape', 'Shape', [x]), ...at], {
      shrink_axis_mask: attr.integer(1),
    });
    const sizes = [batch, graph.ints('rows', [6], []), graph.ints('channels', [4], [])];
    const target = graph.node('target', 'Pack', sizes, { axis: attr.integer(0), N: attr.integer(3) });
    graph.node('y', 'Reshape', [x, target]);
    expect(ops(await lowerModel(graph.artifacts(['y'])))).toEqual(['alias']);
    await expectGraphRuns(graph, ['y'], 3);
  });

  it('is a weight: the product of two of them leaves no step and no tensor of theirs', async () => {
    const graph = new TestGraph(new Random());
    const x = graph.input('x', [-1, 2]);
    const kernel = graph.floats('kernel', [2, 2], Float32Array.of(1, 2, 3, 4));
    const mask = graph.floats('mask', [2, 1], Float32Array.of(0, 0.5));
    const half = graph.node('root', 'Sqrt', [graph.floats('quarter', [], Float32Array.of(0.25))]);
    const masked = graph.node('masked', 'Mul', [graph.node('times', 'Mul', [kernel, mask]), half]);
    graph.node('y', 'MatMul', [x, masked], noTranspose);
    const plan = await lowerModel(graph.artifacts(['y']));
    expect(ops(plan)).toEqual(['matmul']);
    expect(Object.values(plan.tensors).map(({ data }) => [...data])).toEqual([[0, 0.75, 0, 1]]);
    await expectGraphRuns(graph, ['y'], 2);
  });

  it('is a constant where a computed array reads it, and its own steps are gone', async () => {
    const graph = new TestGraph(new Random());
    const x = graph.input('x', [-1, 2, 2]);
    const range = [0, 4, 1].map((value, i) => graph.ints(`r${i}`, [value], []));
    graph.node('range', 'Range', range);
    graph.node('floats', 'Cast', ['range'], { SrcT: attr.type('int32'), DstT: attr.type('float32') });
    graph.node('square', 'Reshape', ['floats', graph.ints('two', [1, 2, 2])]);
    graph.node('y', 'Transpose', [graph.node('p', 'Pow', [x, 'square']), graph.ints('order', [0, 2, 1])]);
    const plan = await lowerModel(graph.artifacts(['y']));
    expect(ops(plan).sort()).toEqual(['binary', 'constant', 'strided', 'toArray']);
    expect(Object.values(plan.tensors).map(({ data }) => [...data])).toEqual([[0, 1, 2, 3]]);
    await expectGraphRuns(graph, ['y'], 2);
  });

  it('is what the step itself makes of it', () => {
    const floats = (shape: number[], ...data: number[]) =>
      ({ kind: 'constant', dtype: 'float32', shape, data: Float32Array.from(data) }) as const;
    const sum = { op: 'reduce' as const, function: 'sum' as const, axes: [1] };
    const given = floats([2, 2], 1, 2, 3, Number.POSITIVE_INFINITY);
    expect(evaluate(sum, [given], [2], 'float32')).toEqual(floats([2], 3, Number.POSITIVE_INFINITY));
    expect(evaluate({ op: 'cast' }, [floats([3], -1.5, 0, 2.9)], [3], 'int32')).toEqual({
      kind: 'constant',
      dtype: 'int32',
      shape: [3],
      data: Int32Array.of(-1, 0, 2),
    });
  });
});
