import { attr, type TestGraph } from '../../../../helpers/graph-model.ts';
import {
  anyAxis,
  anyMode,
  anyShape,
  coin,
  firstAxis,
  floats,
  forEach,
  int,
  integer,
  integers,
  type MakeCase,
  type Mode,
  number,
  type OpCases,
} from './op-case.ts';

interface Tensor {
  x: string;
  shape: number[];
  mode: Mode;
}

/** Floats or integers of some rank. */
function anyTensor(graph: TestGraph, least: number, most: number, largest = 4): Tensor {
  const shape = anyShape(graph, least, most, largest);
  const mode = anyMode(graph, shape);
  return { x: (coin(graph) ? floats : integers)(graph, 'x', shape, mode), shape, mode };
}

/** Axes that a case may touch: at least one. */
function withFreeAxis(graph: TestGraph, most: number, largest = 4): Tensor {
  if (coin(graph)) return anyTensor(graph, 2, most, largest);
  const shape = anyShape(graph, 1, most, largest);
  return { x: floats(graph, 'x', shape, 'fixed'), shape, mode: 'fixed' };
}

/** The sizes in another number of axes. */
const reshape: MakeCase = (graph, op) => {
  const { random } = graph;
  const { x, shape, mode } = anyTensor(graph, 0, 5);
  const kept = mode === 'fixed' ? [] : [-1];
  const rest = shape.slice(kept.length);
  const target: number[] = [];
  let left = rest.reduce((a, b) => a * b, 1);
  while (left > 1) {
    const divisors = Array.from({ length: left }, (_, i) => i + 1).filter((d) => left % d === 0);
    const size = random.pick(divisors);
    target.push(size);
    left /= size;
  }
  while (target.length < 3 && coin(graph)) target.splice(random.integer(0, target.length), 0, 1);
  if (target.length > 5)
    target.splice(
      0,
      target.length,
      rest.reduce((a, b) => a * b, 1),
    );
  const isInferred = kept.length === 0 && target.length > 0 && coin(graph);
  const known = isInferred ? target.with(random.integer(0, target.length - 1), -1) : target;
  return [graph.node('y', op, [x, graph.ints('shape', [...kept, ...known])])];
};

const squeeze: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 1, 5).map((size, axis) => (axis > 0 && coin(graph) ? 1 : size));
  const mode = anyMode(graph, shape);
  const x = floats(graph, 'x', shape, mode);
  const ones = shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  // Without a list every axis of one entry goes.
  const listed = coin(graph) ? [] : ones.filter(() => coin(graph));
  const axes = listed.map((axis) => (coin(graph) ? axis : axis - shape.length));
  return [graph.node('y', op, [x], { squeeze_dims: attr.integers(...axes) })];
};

const expandDims: MakeCase = (graph, op) => {
  const { x, shape, mode } = anyTensor(graph, 0, 4);
  const axis = anyAxis(graph, shape.length + 1, firstAxis(mode));
  return [graph.node('y', op, [x, integer(graph, 'axis', axis)])];
};

const pad: MakeCase = (graph, op) => {
  const { random } = graph;
  const { x, shape, mode } = withFreeAxis(graph, 4);
  const isReflected = op === 'MirrorPad' && coin(graph);
  const room = (size: number) => {
    const most = op === 'MirrorPad' ? Math.min(2, size - (isReflected ? 1 : 0)) : 2;
    return random.integer(0, most);
  };
  const pairs = shape.flatMap((size, axis) => (axis < firstAxis(mode) ? [0, 0] : [room(size), room(size)]));
  const inputs = [x, graph.ints('room', pairs, [shape.length, 2])];
  if (op !== 'MirrorPad') {
    if (op === 'PadV2') inputs.push(number(graph, 'fill', random.integer(-3, 3)));
    return [graph.node('y', op, inputs)];
  }
  return [graph.node('y', op, inputs, { mode: attr.text(isReflected ? 'REFLECT' : 'SYMMETRIC') })];
};

const concat: MakeCase = (graph, op) => {
  const { random } = graph;
  const shape = anyShape(graph, 1, 5);
  const mode = shape.length === 1 ? 'fixed' : anyMode(graph, shape);
  const axis = anyAxis(graph, shape.length, firstAxis(mode));
  const own = axis < 0 ? axis + shape.length : axis;
  const make = coin(graph) ? floats : integers;
  const names = Array.from({ length: random.integer(1, 4) }, (_, i) =>
    make(graph, `x${i}`, own === 0 ? shape : shape.with(own, random.integer(1, 4)), mode),
  );
  const at = integer(graph, 'axis', axis);
  const inputs = op === 'Concat' ? [at, ...names] : [...names, at];
  return [graph.node('y', op, inputs, { N: attr.integer(names.length) })];
};

const pack: MakeCase = (graph, op) => {
  const shape = anyShape(graph, 0, 4);
  const mode = anyMode(graph, shape);
  const make = coin(graph) ? floats : integers;
  const names = Array.from({ length: graph.random.integer(1, 4) }, (_, i) =>
    make(graph, `x${i}`, shape, mode),
  );
  const axis = attr.integer(anyAxis(graph, shape.length + 1, firstAxis(mode)));
  return [graph.node('y', op, names, { axis, N: attr.integer(names.length) })];
};

/** Every part is looked at. */
function parts(graph: TestGraph, count: number): string[] {
  return Array.from({ length: count }, (_, i) =>
    graph.node(`part${i}`, 'Identity', [i === 0 ? 'parts' : `parts:${i}`]),
  );
}

const split: MakeCase = (graph, op) => {
  const { random } = graph;
  const { x, shape, mode } = withFreeAxis(graph, 5, 6);
  const axis = anyAxis(graph, shape.length, firstAxis(mode));
  const size = shape.at(axis < 0 ? axis : axis - shape.length)!;
  const at = integer(graph, 'axis', axis);
  if (op === 'Split') {
    const count = random.pick(Array.from({ length: size }, (_, i) => i + 1).filter((n) => size % n === 0));
    graph.node('parts', op, [at, x], { num_split: attr.integer(count) });
    return parts(graph, count);
  }
  const sizes: number[] = [];
  for (let left = size; left > 0; left -= sizes.at(-1)!) sizes.push(random.integer(1, left));
  // TensorFlow.js finds a size that is left out only along axes from 0, and not the first one.
  const canLeaveOut = axis >= 0 && sizes.length > 1;
  const listed = canLeaveOut && coin(graph) ? sizes.with(random.integer(1, sizes.length - 1), -1) : sizes;
  graph.node('parts', op, [x, graph.ints('sizes', listed), at], { num_split: attr.integer(sizes.length) });
  return parts(graph, sizes.length);
};

const unpack: MakeCase = (graph, op) => {
  const { x, shape, mode } = withFreeAxis(graph, 4);
  const axis = anyAxis(graph, shape.length, firstAxis(mode));
  const count = shape.at(axis < 0 ? axis : axis - shape.length)!;
  graph.node('parts', op, [x], { axis: attr.integer(axis), num: attr.integer(count) });
  return parts(graph, count);
};

const slice: MakeCase = (graph, op) => {
  const { random } = graph;
  const { x, shape, mode } = anyTensor(graph, 1, 5, 5);
  const begin = shape.map((size, axis) => (axis < firstAxis(mode) ? 0 : random.integer(0, size - 1)));
  const size = shape.map((whole, axis) => {
    if (axis < firstAxis(mode)) return -1;
    return coin(graph) ? -1 : random.integer(1, whole - begin[axis]!);
  });
  return [graph.node('y', op, [x, graph.ints('begin', begin), graph.ints('size', size)])];
};

const maskNames = ['begin', 'end', 'ellipsis', 'new_axis', 'shrink_axis'] as const;

/** A list of entries, some of which are an ellipsis, put an axis in or take one out; nothing is empty. */
const stridedSlice: MakeCase = (graph, op) => {
  const { random } = graph;
  const { x, shape, mode } = anyTensor(graph, 1, 4, 6);
  const masks = { begin: 0, end: 0, ellipsis: 0, new_axis: 0, shrink_axis: 0 };
  const lists: [number, number, number][] = [];
  const set = (name: keyof typeof masks) => {
    masks[name] |= 1 << lists.length;
  };
  let axis = 0;
  const listed = random.integer(1, shape.length);
  const dotsAt = coin(graph) ? random.integer(0, listed) : -1;
  for (let entry = 0; entry <= listed; entry++) {
    if (entry === dotsAt) {
      set('ellipsis');
      lists.push([0, 0, 1]);
      axis += shape.length - listed;
    }
    if (entry === listed) break;
    if ((axis > 0 || mode === 'fixed') && masks.ellipsis === 0 && random.next() < 0.15) {
      set('new_axis');
      lists.push([0, 1, 1]);
    }
    lists.push(entryOf(axis));
    axis++;
  }
  function entryOf(at: number): [number, number, number] {
    const size = shape[at]!;
    const negative = (value: number) => (coin(graph) ? value : value - size);
    if (at < firstAxis(mode)) {
      set('begin');
      set('end');
      return [0, 0, 1];
    }
    const first = random.integer(0, size - 1);
    if (random.next() < 0.2) {
      set('shrink_axis');
      return [negative(first), first + 1, 1];
    }
    const stride = random.pick([1, 1, 2, 3, -1, -2]);
    const isOpenBegin = coin(graph);
    const isOpenEnd = coin(graph);
    if (isOpenBegin) set('begin');
    if (isOpenEnd) set('end');
    const start = isOpenBegin ? (stride > 0 ? 0 : size - 1) : first;
    const far = stride > 0 ? random.integer(start + 1, size + 2) : random.integer(-1, start - 1);
    // Before the first entry there is no negative number for it but one below -size.
    const end = far < 0 ? -size - 1 : far >= size || coin(graph) ? far : far - size;
    return [negative(first), end, stride];
  }
  const [begins, ends, strides] = [0, 1, 2].map((part) => lists.map((list) => list[part]!)) as [
    number[],
    number[],
    number[],
  ];
  const inputs = [graph.ints('begin', begins), graph.ints('end', ends), graph.ints('strides', strides)];
  const attributes = Object.fromEntries(maskNames.map((name) => [`${name}_mask`, attr.integer(masks[name])]));
  return [graph.node('y', op, [x, ...inputs], attributes)];
};

const transpose: MakeCase = (graph, op) => {
  const { random } = graph;
  const { x, shape, mode } = anyTensor(graph, 0, 5);
  const axes = shape.map((_, axis) => axis);
  const free = axes.slice(firstAxis(mode));
  const order = free
    .map((axis) => [random.next(), axis] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, axis]) => axis);
  return [graph.node('y', op, [x, graph.ints('order', [...axes.slice(0, firstAxis(mode)), ...order])])];
};

const reverse: MakeCase = (graph, op) => {
  const { x, shape, mode } = anyTensor(graph, 1, 4);
  const isTurned = shape.map((_, axis) => axis >= firstAxis(mode) && coin(graph));
  const axes = isTurned.flatMap((turned, axis) => (turned ? [coin(graph) ? axis : axis - shape.length] : []));
  const listed = op === 'Reverse' ? isTurned.map(Number) : axes;
  return [graph.node('y', op, [x, graph.ints('axes', listed)])];
};

const tile: MakeCase = (graph, op) => {
  const { x, shape, mode } = anyTensor(graph, 1, 4, 3);
  const repeats = shape.map((_, axis) => (axis < firstAxis(mode) ? 1 : graph.random.integer(1, 3)));
  return [graph.node('y', op, [x, graph.ints('repeats', repeats)])];
};

const broadcastTo: MakeCase = (graph, op) => {
  const { random } = graph;
  const target = anyShape(graph, 0, 5);
  const own = target.map((size) => (random.next() < 0.4 ? 1 : size)).slice(random.integer(0, target.length));
  const x = (coin(graph) ? floats : integers)(graph, 'x', own, 'fixed');
  return [graph.node('y', op, [x, graph.ints('shape', target)])];
};

/** Indices that are known, or computed; TensorFlow on a CPU takes none from the end. */
function indices(graph: TestGraph, shape: number[], below: number): string {
  const { random } = graph;
  const size = shape.reduce((a, b) => a * b, 1);
  if (coin(graph))
    return graph.ints(
      'indices',
      Array.from({ length: size }, () => random.integer(0, below - 1)),
      shape,
    );
  const any = graph.input('places', shape, 'int32');
  return graph.node('indices', 'FloorMod', [any, integer(graph, 'below', below)], int);
}

const gather: MakeCase = (graph, op) => {
  const { random } = graph;
  const shape = anyShape(graph, 1, 4);
  // TensorFlow.js does not count an axis from the end here.
  const axis = op === 'Gather' ? 0 : random.integer(0, shape.length - 1);
  const shared = random.integer(0, axis);
  const x = (coin(graph) ? floats : integers)(graph, 'x', shape, 'fixed');
  const own = Array.from({ length: random.integer(0, 2) }, () => random.integer(1, 4));
  const places = indices(graph, [...shape.slice(0, shared), ...own], shape[axis]!);
  const inputs = op === 'Gather' ? [x, places] : [x, places, integer(graph, 'axis', axis)];
  return [graph.node('y', op, inputs, { batch_dims: attr.integer(shared) })];
};

const gatherNd: MakeCase = (graph, op) => {
  const { random } = graph;
  const shape = anyShape(graph, 1, 4);
  const depth = random.integer(1, shape.length);
  const count = random.integer(1, 5);
  const tuples = Array.from({ length: count }, () =>
    shape.slice(0, depth).map((size) => random.integer(0, size - 1)),
  ).flat();
  const x = (coin(graph) ? floats : integers)(graph, 'x', shape, 'fixed');
  const front = coin(graph) ? [count] : [1, count];
  return [graph.node('y', op, [x, graph.ints('indices', tuples, [...front, depth])])];
};

const resize: MakeCase = (graph, op) => {
  const { random } = graph;
  const shape = [3, random.integer(1, 9), random.integer(1, 9), random.integer(1, 5)];
  const x = floats(graph, 'x', shape, random.pick(['map', 'array', 'fixed']));
  const size = graph.ints('size', [random.integer(1, 15), random.integer(1, 15)]);
  const rule = random.pick(['align_corners', 'half_pixel_centers', 'neither']);
  return [
    graph.node('y', op, [x, size], {
      align_corners: attr.boolean(rule === 'align_corners'),
      half_pixel_centers: attr.boolean(rule === 'half_pixel_centers'),
    }),
  ];
};

const blocks: MakeCase = (graph, op) => {
  const { random } = graph;
  const block = random.integer(2, 3);
  const [height, width, channels] = [random.integer(1, 4), random.integer(1, 4), random.integer(1, 4)];
  const shape =
    op === 'DepthToSpace'
      ? [3, height, width, channels * block * block]
      : [3, height * block, width * block, channels];
  const x = floats(graph, 'x', shape, random.pick(['map', 'array', 'fixed']));
  return [graph.node('y', op, [x], { block_size: attr.integer(block), data_format: attr.text('NHWC') })];
};

/** Elements that go to other places. */
export const moveCases: OpCases = {
  Reshape: reshape,
  Squeeze: squeeze,
  ExpandDims: expandDims,
  ...forEach(['Pad', 'PadV2', 'MirrorPad'], pad),
  ...forEach(['Concat', 'ConcatV2'], concat),
  Pack: pack,
  ...forEach(['Split', 'SplitV'], split),
  Unpack: unpack,
  Slice: slice,
  StridedSlice: stridedSlice,
  Transpose: transpose,
  ...forEach(['Reverse', 'ReverseV2'], reverse),
  Tile: tile,
  BroadcastTo: broadcastTo,
  ...forEach(['Gather', 'GatherV2'], gather),
  GatherNd: gatherNd,
  ...forEach(['ResizeBilinear', 'ResizeNearestNeighbor'], resize),
  ...forEach(['DepthToSpace', 'SpaceToDepth'], blocks),
};
