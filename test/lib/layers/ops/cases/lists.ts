import { attr, type TestGraph } from '../../../../helpers/graph-model.ts';
import { anyShape, coin, floats, forEach, integer, type MakeCase, type OpCases } from './op-case.ts';

/** A tensor whose rows become the entries of a list. */
interface Rows {
  x: string;
  count: number;
  /** Of an entry, at least one axis. */
  shape: number[];
}

function anyRows(graph: TestGraph): Rows {
  const shape = [3, ...anyShape(graph, 1, 3)];
  return { x: floats(graph, 'x', shape, 'fixed'), count: 3, shape: shape.slice(1) };
}

const float = attr.type('float32');
const element = { element_dtype: float };

function shuffled(graph: TestGraph, count: number): number[] {
  return Array.from({ length: count }, (_, i) => [graph.random.next(), i] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, i]) => i);
}

const dims = (shape: readonly number[]) => ({ dim: shape.map((size) => ({ size: `${size}` })) });

function entries(graph: TestGraph, { x, count }: Rows): string[] {
  graph.node('rows', 'Unpack', [x], { axis: attr.integer(0), num: attr.integer(count) });
  return Array.from({ length: count }, (_, i) => (i === 0 ? 'rows' : `rows:${i}`));
}

/** TensorArrays: what is written, scattered or split is read, gathered and joined. */
const arrays: MakeCase = (graph) => {
  const { random } = graph;
  const rows = anyRows(graph);
  const array = (name: string, shape: object = { unknownRank: true }) =>
    graph.node(name, 'TensorArrayV3', [integer(graph, `${name}/size`, rows.count)], {
      dtype: float,
      element_shape: { shape },
      dynamic_size: attr.boolean(false),
      clear_after_read: attr.boolean(false),
      identical_element_shapes: attr.boolean(false),
      tensor_array_name: attr.text(name),
    });
  const gathered = (name: string, from: string, flow: string) => {
    const places = graph.ints(`${name}/places`, shuffled(graph, rows.count));
    return graph.node(name, 'TensorArrayGatherV3', [from, places, flow], { dtype: float });
  };
  const places = graph.ints('places', shuffled(graph, rows.count));
  graph.node('filled', 'TensorArrayScatterV3', [array('a'), places, rows.x, 'a:1']);
  const at = integer(graph, 'at', random.integer(0, rows.count - 1));
  const outputs = [
    graph.node('read', 'TensorArrayReadV3', ['a', at, 'filled'], { dtype: float }),
    graph.node('joined', 'TensorArrayConcatV3', ['a', 'filled'], { dtype: float }),
    graph.node('size', 'TensorArraySizeV3', ['a', 'filled']),
  ];
  const last = entries(graph, rows).reduce(
    (flow, row, i) =>
      graph.node(`write${i}`, 'TensorArrayWriteV3', ['b', integer(graph, `at${i}`, i), row, flow]),
    `${array('b')}:1`,
  );
  const rowsAgain = gathered('written', 'b', last);
  graph.node('close', 'TensorArrayCloseV3', ['b', `^${rowsAgain}`]);
  const ones = graph.ints('ones', new Array<number>(rows.count).fill(1));
  graph.node('split', 'TensorArraySplitV3', [array('c', dims(rows.shape)), rows.x, ones, 'c:1']);
  graph.node('entry', 'TensorArrayReadV3', ['c', at, 'split'], { dtype: float });
  // TensorFlow.js splits into single rows only, and leaves their first axis out.
  graph.node('piece', 'Reshape', ['entry', graph.ints('shape', rows.shape)]);
  return [...outputs, graph.node('closed', 'Identity', [rowsAgain, '^close']), 'piece'];
};

/** TensorLists: likewise. */
const lists: MakeCase = (graph) => {
  const { random } = graph;
  const rows = anyRows(graph);
  const shape = graph.ints('shape', rows.shape);
  const stack = (name: string, list: string, count = rows.count) =>
    graph.node(name, 'TensorListStack', [list, shape], { ...element, num_elements: attr.integer(count) });
  const places = graph.ints('places', shuffled(graph, rows.count));
  const at = integer(graph, 'at', random.integer(0, rows.count - 1));
  const count = integer(graph, 'count', rows.count);
  graph.node('list', 'TensorListFromTensor', [rows.x, shape], element);
  const outputs = [
    graph.node('item', 'TensorListGetItem', ['list', at, shape], element),
    graph.node('some', 'TensorListGather', ['list', places, shape], element),
    stack('all', 'list'),
    graph.node('length', 'TensorListLength', ['list']),
  ];
  const joined = {
    ...element,
    element_shape: { shape: dims(rows.shape) },
  };
  for (const op of ['TensorListConcat', 'TensorListConcatV2'])
    outputs.push(graph.node(op, op, ['list'], joined));
  graph.node('first', 'TensorListScatter', [rows.x, places, shape], element);
  graph.node('second', 'TensorListScatterV2', [rows.x, places, shape, count], element);
  outputs.push(stack('firstAll', 'first'), stack('secondAll', 'second'));
  const [set, pushed] = entries(graph, rows).reduce<[string, string]>(
    ([list, end], row, i) => [
      graph.node(`set${i}`, 'TensorListSetItem', [list, integer(graph, `at${i}`, i), row], element),
      graph.node(`push${i}`, 'TensorListPushBack', [end, row], element),
    ],
    [
      graph.node('room', 'TensorListReserve', [shape, count], element),
      graph.node('none', 'EmptyTensorList', [shape, count], element),
    ],
  );
  outputs.push(stack('setAll', set), stack('pushedAll', pushed));
  const fewer = random.integer(1, rows.count);
  graph.node('cut', 'TensorListResize', ['list', integer(graph, 'fewer', fewer)]);
  outputs.push(stack('cutAll', 'cut', fewer));
  const ones = graph.ints('ones', new Array<number>(rows.count).fill(1));
  graph.node('split', 'TensorListSplit', [rows.x, shape, ones], element);
  graph.node('entry', 'TensorListGetItem', ['split', at, shape], element);
  outputs.push(graph.node('piece', 'Reshape', ['entry', shape]));
  return outputs;
};

/** Positions of a picture to rows of the batch and back; the picture is padded so that it divides. */
const spaceToBatch: MakeCase = (graph) => {
  const { random } = graph;
  const [height, width, channels] = [random.integer(2, 6), random.integer(2, 6), random.integer(1, 4)];
  const x = floats(graph, 'x', [2, height, width, channels], 'fixed');
  const block = [random.integer(1, 3), random.integer(1, 3)];
  const room = [height, width].flatMap((size, axis) => {
    const before = random.integer(0, 2);
    const rest = (size + before) % block[axis]!;
    return [before, rest === 0 ? 0 : block[axis]! - rest];
  });
  const blocks = graph.ints('block', block);
  graph.node('rows', 'SpaceToBatchND', [x, blocks, graph.ints('room', room, [2, 2])]);
  graph.node('turned', coin(graph) ? 'Relu' : 'Sigmoid', ['rows']);
  const cut = graph.ints('cut', [random.integer(0, 1), 0, 0, random.integer(0, 1)], [2, 2]);
  return ['rows', graph.node('back', 'BatchToSpaceND', ['turned', blocks, cut])];
};

/** Lists of tensors, and what spreads a picture over the batch. */
export const listCases: OpCases = {
  ...forEach(['SpaceToBatchND', 'BatchToSpaceND'], spaceToBatch),
  ...forEach(
    ['V3', 'WriteV3', 'ReadV3', 'ScatterV3', 'GatherV3', 'ConcatV3', 'SplitV3', 'SizeV3', 'CloseV3'].map(
      (name) => `TensorArray${name}`,
    ),
    arrays,
  ),
  ...forEach(
    [
      'EmptyTensorList',
      ...['Reserve', 'FromTensor', 'GetItem', 'SetItem', 'Stack', 'Gather', 'Scatter', 'ScatterV2'].map(
        (name) => `TensorList${name}`,
      ),
      ...['Concat', 'ConcatV2', 'Split', 'Length', 'PushBack', 'Resize'].map((name) => `TensorList${name}`),
    ],
    lists,
  ),
};
