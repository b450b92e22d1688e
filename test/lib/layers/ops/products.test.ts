import { describe, expect, it } from 'vitest';
import { attr, expectGraphRuns, TestGraph } from '../../../helpers/graph-model.ts';
import { Random } from '../../../helpers/random.ts';

const random = new Random();

/** A picture whose batch is open or fixed. */
function picture(graph: TestGraph): { x: string; height: number; width: number; channels: number } {
  const [height, width, channels] = [random.integer(3, 9), random.integer(3, 9), random.integer(1, 6)];
  return { x: graph.input('x', [random.pick([-1, 1, 2]), height, width, channels]), height, width, channels };
}

function windowAttr(isDilated: boolean) {
  const stride = isDilated ? 1 : random.integer(1, 2);
  return {
    strides: attr.integers(1, stride, stride, 1),
    dilations: isDilated ? attr.integers(1, 2, 2, 1) : attr.integers(1, 1, 1, 1),
    padding: attr.text(random.pick(['SAME', 'VALID'])),
    data_format: attr.text('NHWC'),
  };
}

const epilogues = [
  ['BiasAdd'],
  ['BiasAdd', 'Relu'],
  ['BiasAdd', 'Relu6'],
  ['BiasAdd', 'Elu'],
  ['BiasAdd', 'LeakyRelu'],
  ['BiasAdd', 'Prelu'],
  ['BiasAdd', 'Sigmoid'],
] as const;

describe('a GraphModel runs as in TensorFlow.js:', () => {
  it.each(epilogues.map((fused) => ({ fused })))('_FusedConv2D with $fused', async ({ fused }) => {
    const graph = new TestGraph(random);
    const { x, height, width, channels } = picture(graph);
    const outputs = random.integer(1, 9);
    const side = random.integer(1, Math.min(height, width, 3));
    const weights = [graph.floats('w', [side, side, channels, outputs]), graph.floats('b', [outputs])];
    if (fused.at(-1) === 'Prelu') weights.push(graph.floats('alpha', [1, 1, outputs]));
    graph.node('y', '_FusedConv2D', [x, ...weights], {
      ...windowAttr(false),
      fused_ops: attr.texts(...fused),
      num_args: attr.integer(weights.length - 1),
      leakyrelu_alpha: attr.number(0.3),
    });
    await expectGraphRuns(graph, ['y']);
  });

  it.each([false, true])(
    'Conv2D and DepthwiseConv2dNative, the convolution dilated: %s',
    async (isDilated) => {
      const graph = new TestGraph(random);
      const [height, width, channels] = [random.integer(5, 9), random.integer(5, 9), random.integer(1, 5)];
      const x = graph.input('x', [-1, height, width, channels]);
      const [outputs, multiplier] = [random.integer(1, 8), random.integer(1, 2)];
      graph.node('conv', 'Conv2D', [x, graph.floats('w', [3, 3, channels, outputs])], windowAttr(isDilated));
      // tfjs-node's depthwise kernel has no dilation.
      const filter = graph.floats('v', [3, 3, channels, multiplier]);
      graph.node('depthwise', 'DepthwiseConv2dNative', [x, filter], windowAttr(false));
      await expectGraphRuns(graph, ['conv', 'depthwise']);
    },
  );

  it('FusedDepthwiseConv2dNative', async () => {
    const graph = new TestGraph(random);
    const { x, channels } = picture(graph);
    const weights = [graph.floats('w', [3, 3, channels, 1]), graph.floats('b', [channels])];
    graph.node('y', 'FusedDepthwiseConv2dNative', [x, ...weights], {
      ...windowAttr(false),
      padding: attr.text('SAME'),
      fused_ops: attr.texts('BiasAdd', 'Relu6'),
      num_args: attr.integer(1),
    });
    await expectGraphRuns(graph, ['y']);
  });

  it('Conv2D with explicit padding', async () => {
    const graph = new TestGraph(random);
    const { x, channels } = picture(graph);
    graph.node('y', 'Conv2D', [x, graph.floats('w', [3, 3, channels, 4])], {
      strides: attr.integers(1, 1, 1, 1),
      dilations: attr.integers(1, 1, 1, 1),
      padding: attr.text('EXPLICIT'),
      explicit_paddings: attr.integers(0, 0, 1, 2, 2, 0, 0, 0),
      data_format: attr.text('NHWC'),
    });
    await expectGraphRuns(graph, ['y']);
  });

  it.each([1, 2, 3])('Conv2DBackpropInput with stride %s', async (stride) => {
    for (const padding of ['SAME', 'VALID']) {
      const graph = new TestGraph(random);
      const [height, width, channels] = [random.integer(2, 5), random.integer(2, 5), random.integer(1, 5)];
      const side = random.integer(1, 4);
      const outputs = random.integer(1, 4);
      const batch = random.integer(1, 2);
      const x = graph.input('x', [batch, height, width, channels]);
      const size = (from: number) =>
        padding === 'SAME' ? from * stride : (from - 1) * stride + side + random.integer(0, stride - 1);
      const shape = graph.ints('shape', [batch, size(height), size(width), outputs]);
      graph.node('y', 'Conv2DBackpropInput', [shape, graph.floats('w', [side, side, outputs, channels]), x], {
        strides: attr.integers(1, stride, stride, 1),
        dilations: attr.integers(1, 1, 1, 1),
        padding: attr.text(padding),
        data_format: attr.text('NHWC'),
      });
      await expectGraphRuns(graph, ['y'], batch);
    }
  });

  it('MatMul and _FusedMatMul, transposed or not', async () => {
    const graph = new TestGraph(random);
    const [inputs, outputs] = [random.integer(2, 30), random.integer(1, 30)];
    const x = graph.input('x', [-1, inputs]);
    graph.node('plain', 'MatMul', [x, graph.floats('w', [inputs, outputs])], {
      transpose_a: attr.boolean(false),
      transpose_b: attr.boolean(false),
    });
    graph.node('turned', 'MatMul', [x, graph.floats('wt', [outputs, inputs])], {
      transpose_a: attr.boolean(false),
      transpose_b: attr.boolean(true),
    });
    graph.node(
      'fused',
      '_FusedMatMul',
      [x, graph.floats('v', [inputs, outputs]), graph.floats('b', [outputs])],
      {
        transpose_a: attr.boolean(false),
        transpose_b: attr.boolean(false),
        fused_ops: attr.texts('BiasAdd', 'Relu'),
        num_args: attr.integer(1),
      },
    );
    await expectGraphRuns(graph, ['plain', 'turned', 'fused'], random.integer(1, 5));
  });

  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('BatchMatMulV2 of two computed tensors, adjoint: %s %s', async (adjX, adjY) => {
    const graph = new TestGraph(random);
    const [m, k, n] = [random.integer(1, 5), random.integer(1, 6), random.integer(1, 5)];
    const a = graph.input('a', [-1, 2, ...(adjX ? [k, m] : [m, k])]);
    const b = graph.input('b', [-1, 2, ...(adjY ? [n, k] : [k, n])]);
    graph.node('y', 'BatchMatMulV2', [a, b], { adj_x: attr.boolean(adjX), adj_y: attr.boolean(adjY) });
    await expectGraphRuns(graph, ['y']);
  });

  it('BatchMatMulV2 by a constant, as a dense layer', async () => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [-1, 4, 6]);
    graph.node('y', 'BatchMatMulV2', [x, graph.floats('w', [6, 5])], {
      adj_x: attr.boolean(false),
      adj_y: attr.boolean(false),
    });
    const session = await expectGraphRuns(graph, ['y']);
    expect(session.describe().steps.map(({ op }) => op)).toEqual(['matmul']);
  });

  it('FusedBatchNormV3 behind a convolution, folded into it', async () => {
    const graph = new TestGraph(random);
    const { x, channels } = picture(graph);
    graph.node('conv', 'Conv2D', [x, graph.floats('w', [1, 1, channels, 5])], {
      ...windowAttr(false),
      strides: attr.integers(1, 1, 1, 1),
    });
    const variance = random.floats(5).map((value) => 0.5 + Math.abs(value));
    const numbers = [graph.floats('scale', [5]), graph.floats('offset', [5]), graph.floats('mean', [5])];
    graph.node('bn', 'FusedBatchNormV3', ['conv', ...numbers, graph.floats('variance', [5], variance)], {
      epsilon: attr.number(0.001),
      is_training: attr.boolean(false),
      data_format: attr.text('NHWC'),
    });
    graph.node('y', 'Relu6', ['bn']);
    const session = await expectGraphRuns(graph, ['y']);
    expect(session.describe().steps.length).toBe(1);
  });

  it.each(['MaxPool', 'AvgPool'])('%s', async (op) => {
    const graph = new TestGraph(random);
    const { x } = picture(graph);
    const [kernel, stride] = [random.integer(1, 3), random.integer(1, 2)];
    graph.node('y', op, [x], {
      ksize: attr.integers(1, kernel, kernel, 1),
      strides: attr.integers(1, stride, stride, 1),
      padding: attr.text(random.pick(['SAME', 'VALID'])),
      data_format: attr.text('NHWC'),
    });
    await expectGraphRuns(graph, ['y']);
  });
});
