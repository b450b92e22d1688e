import { describe, expect, it } from 'vitest';
import { compile } from '../../../../lib/session/compile.ts';
import { attr, expectGraphRuns, TestGraph } from '../../../helpers/graph-model.ts';
import { Random } from '../../../helpers/random.ts';

const random = new Random();

describe('a GraphModel runs as in TensorFlow.js:', () => {
  it('Pad, PadV2 and MirrorPad on maps and arrays', async () => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [-1, 4, 5, 3]);
    const turned = graph.node('turned', 'Transpose', [x, graph.ints('order', [0, 3, 1, 2])]);
    const room = () => random.integer(0, 2);
    const sizes = graph.ints('sizes', [0, 0, room(), room(), room(), room(), room(), room()], [4, 2]);
    const fill = graph.floats('fill', [], Float32Array.of(-1.5));
    for (const [name, tensor] of [
      ['map', x],
      ['array', turned],
    ] as const) {
      graph.node(`${name}_pad`, 'Pad', [tensor, sizes]);
      graph.node(`${name}_fill`, 'PadV2', [tensor, sizes, fill]);
      graph.node(`${name}_reflect`, 'MirrorPad', [tensor, sizes], { mode: attr.text('REFLECT') });
      graph.node(`${name}_symmetric`, 'MirrorPad', [tensor, sizes], { mode: attr.text('SYMMETRIC') });
    }
    const kinds = ['pad', 'fill', 'reflect', 'symmetric'];
    await expectGraphRuns(
      graph,
      ['map', 'array'].flatMap((name) => kinds.map((kind) => `${name}_${kind}`)),
    );
  });

  it.each([1, 2, 3])('ConcatV2 and Split along axis %s', async (axis) => {
    const graph = new TestGraph(random);
    const shape = [-1, 4, 6, 8];
    const [a, b] = [graph.input('a', shape), graph.input('b', shape.with(axis, random.integer(1, 5)))];
    graph.node('joined', 'ConcatV2', [a, b, graph.ints('axis', [axis], [])]);
    graph.node('parts', 'Split', [graph.ints('along', [axis], []), a], { num_split: attr.integer(2) });
    const listed = [1, -1, 1];
    graph.node('listed', 'SplitV', [a, graph.ints('sizes', listed), graph.ints('on', [axis], [])], {
      num_split: attr.integer(3),
    });
    graph.node('second', 'Identity', ['parts:1']);
    graph.node('middle', 'Identity', ['listed:1']);
    await expectGraphRuns(graph, ['joined', 'parts', 'second', 'middle']);
  });

  it('StridedSlice with masks, and Slice', async () => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [-1, 6, 7, 4]);
    const slices: [string, number[], number[], number[], Record<string, number>][] = [
      ['box', [0, 1, 2, 0], [0, 5, 7, 4], [1, 2, 1, 1], { begin_mask: 9, end_mask: 9 }],
      ['back', [0, 5, 6, 3], [0, 0, 0, 0], [1, -2, -1, -1], { begin_mask: 15, end_mask: 9 }],
      ['shrunk', [0, 0, -1], [0, 0, 0], [1, 1, 1], { begin_mask: 3, end_mask: 3, shrink_axis_mask: 4 }],
      ['dots', [0, 1], [0, 3], [1, 1], { ellipsis_mask: 1 }],
      ['added', [0, 0, 2], [0, 0, 4], [1, 1, 1], { begin_mask: 1, end_mask: 1, new_axis_mask: 2 }],
    ];
    for (const [name, begin, end, strides, masks] of slices) {
      const lists = [
        graph.ints(`${name}_b`, begin),
        graph.ints(`${name}_e`, end),
        graph.ints(`${name}_s`, strides),
      ];
      const names = ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'];
      graph.node(
        name,
        'StridedSlice',
        [x, ...lists],
        Object.fromEntries(names.map((m) => [m, attr.integer(masks[m] ?? 0)])),
      );
    }
    graph.node('slice', 'Slice', [x, graph.ints('from', [0, 1, 2, 3]), graph.ints('size', [-1, 3, -1, 1])]);
    await expectGraphRuns(graph, [...slices.map(([name]) => name), 'slice']);
  });

  it('Reshape, Squeeze, ExpandDims and Flatten by way of Shape, for any batch', async () => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [-1, 4, 1, 6]);
    const batch = graph.node(
      'batch',
      'StridedSlice',
      [graph.node('shape', 'Shape', [x]), graph.ints('b', [0]), graph.ints('e', [1]), graph.ints('s', [1])],
      {
        shrink_axis_mask: attr.integer(1),
        begin_mask: attr.integer(0),
        end_mask: attr.integer(0),
        ellipsis_mask: attr.integer(0),
        new_axis_mask: attr.integer(0),
      },
    );
    const rest = [8, 3].map((size, i) => graph.ints(`n${i}`, [size], []));
    const target = graph.node('target', 'Pack', [batch, ...rest], {
      axis: attr.integer(0),
      N: attr.integer(3),
    });
    graph.node('packed', 'Reshape', [x, target]);
    graph.node('flat', 'Reshape', [x, graph.ints('flatShape', [-1, 24])]);
    graph.node('squeezed', 'Squeeze', [x], { squeeze_dims: attr.integers(2) });
    graph.node('wider', 'ExpandDims', [x, graph.ints('at', [-1], [])]);
    const session = await expectGraphRuns(graph, ['packed', 'flat', 'squeezed', 'wider'], 5);
    expect(session.outputs.map(({ shape }) => shape[0])).toEqual([null, null, null, null]);
  });

  it('a reshape that mixes the batch with another axis, for a batch of 1', async () => {
    const graph = new TestGraph(random);
    graph.node('y', 'Reshape', [graph.input('x', [-1, 4, 6]), graph.ints('shape', [8, 3])]);
    const session = await expectGraphRuns(graph, ['y']);
    expect(session.inputs[0]!.shape).toEqual([1, 4, 6]);
    expect(() => session.run(new Float32Array(48))).toThrow(/expected 24 for \[1, 4, 6\].*a batch of 1 only/);
  });

  it('tunes and describes a plan for one batch with that batch, whatever was asked for', async () => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [-1, 4, 6]);
    graph.node('rows', 'Reshape', [x, graph.ints('shape', [8, 3])]);
    const weight = graph.floats('w', [3, 5]);
    graph.node('y', 'MatMul', ['rows', weight], {
      transpose_a: attr.boolean(false),
      transpose_b: attr.boolean(false),
    });
    const session = await compile(graph.artifacts(['y']), { tune: true, batch: [16, 4] });
    expect(session.describe().steps.length).toBeGreaterThan(0);
    expect(session.run(new Float32Array(24))).toEqual(new Float32Array(40));
  });

  it('Transpose, Pack, Unpack, Tile, GatherV2, GatherNd and BroadcastTo', async () => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [1, 3, 4, 5]);
    graph.node('turned', 'Transpose', [x, graph.ints('order', [2, 0, 3, 1])]);
    graph.node('parts', 'Unpack', [x], { axis: attr.integer(2), num: attr.integer(4) });
    graph.node('packed', 'Pack', ['parts', 'parts:2', 'parts:3'], {
      axis: attr.integer(1),
      N: attr.integer(3),
    });
    graph.node('tiled', 'Tile', [x, graph.ints('repeats', [2, 1, 3, 1])]);
    graph.node(
      'gathered',
      'GatherV2',
      [x, graph.ints('indices', [2, 0, 2, 1], [2, 2]), graph.ints('axis', [1], [])],
      {
        batch_dims: attr.integer(0),
      },
    );
    graph.node('tuples', 'GatherNd', [x, graph.ints('nd', [0, 2, 0, 1], [2, 2])]);
    graph.node(
      'row',
      'StridedSlice',
      [x, graph.ints('b', [0, 1]), graph.ints('e', [1, 2]), graph.ints('s', [1, 1])],
      {
        begin_mask: attr.integer(0),
        end_mask: attr.integer(0),
        ellipsis_mask: attr.integer(0),
        new_axis_mask: attr.integer(0),
        shrink_axis_mask: attr.integer(0),
      },
    );
    graph.node('spread', 'BroadcastTo', ['row', graph.ints('to', [2, 3, 4, 5])]);
    await expectGraphRuns(graph, ['turned', 'parts', 'packed', 'tiled', 'gathered', 'tuples', 'spread']);
  });

  it.each(['ResizeBilinear', 'ResizeNearestNeighbor'])('%s with each of its attributes', async (op) => {
    const graph = new TestGraph(random);
    const [h, w] = [random.integer(2, 9), random.integer(2, 9)];
    const x = graph.input('x', [-1, h, w, 3]);
    const size = graph.ints('size', [random.integer(1, 15), random.integer(1, 15)]);
    const modes = { plain: [false, false], corners: [true, false], half: [false, true] } as const;
    for (const [name, [corners, half]] of Object.entries(modes))
      graph.node(name, op, [x, size], {
        align_corners: attr.boolean(corners),
        half_pixel_centers: attr.boolean(half),
      });
    await expectGraphRuns(graph, Object.keys(modes));
  });

  it('DepthToSpace', async () => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [-1, 3, 2, 12]);
    graph.node('y', 'DepthToSpace', [x], { block_size: attr.integer(2), data_format: attr.text('NHWC') });
    await expectGraphRuns(graph, ['y']);
  });

  it.each(['Mean', 'Sum', 'Max', 'Min', 'Prod'])('%s over positions and over other axes', async (op) => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [-1, 3, 4, 5]);
    const axes = { positions: [1, 2], rows: [1], channels: [-1], all: [1, 2, 3] };
    for (const [name, list] of Object.entries(axes)) {
      graph.node(name, op, [x, graph.ints(`${name}_axes`, list)], { keep_dims: attr.boolean(false) });
      graph.node(`${name}_kept`, op, [x, `${name}_axes`], { keep_dims: attr.boolean(true) });
    }
    await expectGraphRuns(
      graph,
      Object.keys(axes).flatMap((name) => [name, `${name}_kept`]),
    );
  });

  it('ArgMax, ArgMin and TopKV2, exactly, the lower index where two are equal', async () => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [-1, 5, 7]);
    const even = graph.node('even', 'Round', [x]);
    graph.node('max', 'ArgMax', [even, graph.ints('axis', [2], [])]);
    graph.node('min', 'ArgMin', [even, graph.ints('axis1', [1], [])]);
    graph.node('top', 'TopKV2', [even, graph.ints('k', [4], [])], { sorted: attr.boolean(true) });
    graph.node('which', 'Identity', ['top:1']);
    await expectGraphRuns(graph, ['max', 'min', 'top', 'which']);
  });

  it('folds what only constants make: Range, Fill, ZerosLike, Size, SparseToDense', async () => {
    const graph = new TestGraph(random);
    const x = graph.input('x', [-1, 6]);
    const numbers = [0, 6, 1].map((value, i) => graph.ints(`r${i}`, [value], []));
    graph.node('range', 'Range', numbers);
    graph.node('floats', 'Cast', ['range'], { SrcT: attr.type('int32'), DstT: attr.type('float32') });
    graph.node('half', 'Fill', [graph.ints('dims', [6]), graph.floats('value', [], Float32Array.of(0.5))]);
    graph.node('scaled', 'Mul', ['floats', 'half']);
    graph.node('y', 'AddV2', [x, 'scaled']);
    const session = await expectGraphRuns(graph, ['y']);
    expect(session.describe().steps.map(({ op }) => op)).toEqual(['affine']);
  });
});

describe('the entries of an axis from the last to the first', () => {
  it.each(['Reverse', 'ReverseV2'])('%s equals TensorFlow.js, on maps and on arrays', async (op) => {
    const graph = new TestGraph(new Random());
    const x = graph.input('x', [2, 3, 5, 4]);
    const flags = graph.ints('flags', [0, 1, 0, 1]);
    const bools = graph.node('bools', 'Cast', [flags], { SrcT: attr.type('int32'), DstT: attr.type('bool') });
    const turned = op === 'Reverse' ? bools : graph.ints('axes', [-1, 1]);
    graph.node('map', op, [x, turned]);
    graph.node('array', op, [graph.node('t', 'Transpose', [x, graph.ints('order', [0, 2, 1, 3])]), turned]);
    await expectGraphRuns(graph, ['map', 'array']);
  });
});
