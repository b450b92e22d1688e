import { constant, type GraphTensor, numbersOf } from '../layers/ops/graph-tensor.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../layers/unsupported-feature.ts';

/** Tensors by number: what a loop reads from and writes to. Every write gives a new list. */
export interface TensorList {
  kind: 'list';
  items: readonly (GraphTensor | undefined)[];
}

/** What the graph carries beside tensors of the plan. */
export type Item = GraphTensor | TensorList;

/** Lowers an operation of the plan: op, inputs, attributes as the graph has them. */
export type Apply = (op: string, inputs: readonly GraphTensor[], attr?: object) => readonly GraphTensor[];

type ListOp = (inputs: Inputs, apply: Apply) => Item[];

/** The longest list; a loop that needs more of them is not unrolled either. */
const mostItems = 4096;

/** The inputs of a list's operation, each as what it must be. */
class Inputs {
  private readonly inputs: readonly Item[];

  constructor(inputs: readonly Item[]) {
    this.inputs = inputs;
  }

  list(index: number): TensorList {
    const input = this.inputs[index];
    if (input?.kind === 'list') return input;
    throw new UnsupportedFeature(`input ${index} is no list of tensors; ${keepInTensorFlow}`);
  }

  tensor(index: number): GraphTensor {
    const input = this.inputs[index];
    if (input && input.kind !== 'list') return input;
    throw new UnsupportedFeature(`input ${index} is no tensor; ${keepInTensorFlow}`);
  }

  numbers(index: number): number[] {
    const tensor = this.tensor(index);
    if (tensor.kind === 'constant') return [...tensor.data];
    throw new UnsupportedFeature(
      `input ${index} is computed from the inputs of the model, and compiled only where it is known; ${keepInTensorFlow}`,
    );
  }

  number(index: number): number {
    return this.numbers(index)[0] ?? 0;
  }
}

const listOf = (items: readonly (GraphTensor | undefined)[]): TensorList => ({ kind: 'list', items });

function reserve(count: number): TensorList {
  if (!(count >= 0 && count <= mostItems))
    throw new UnsupportedFeature(`a list of ${count} tensors is not compiled; ${keepInTensorFlow}`);
  return listOf(new Array<undefined>(count).fill(undefined));
}

function itemOf({ items }: TensorList, index: number): GraphTensor {
  const item = items[index];
  if (item) return item;
  throw new UnsupportedFeature(
    `it reads entry ${index} of a list, which was not written; ${keepInTensorFlow}`,
  );
}

function written({ items }: TensorList, index: number, value: GraphTensor): TensorList {
  if (!(index >= 0 && index < mostItems))
    throw new UnsupportedFeature(`entry ${index} of a list is not compiled; ${keepInTensorFlow}`);
  const longer = items.length > index ? [...items] : [...items, ...reserve(index + 1 - items.length).items];
  return listOf(longer.with(index, value));
}

function picked(list: TensorList, indices: readonly number[]): GraphTensor[] {
  return indices.map((index) => itemOf(list, index));
}

const everyIndex = ({ items }: TensorList) => [...items.keys()];
const stacked = (items: readonly GraphTensor[], apply: Apply) => [apply('Pack', items)[0]!];
const parts = (tensor: GraphTensor, apply: Apply) => apply('Unpack', [tensor]);

function scattered(list: TensorList, indices: readonly number[], values: readonly GraphTensor[]): TensorList {
  return indices.reduce((result, index, i) => {
    const value = values[i];
    if (!value) throw new UnsupportedFeature(`there is no entry ${i} to write; ${keepInTensorFlow}`);
    return written(result, index, value);
  }, list);
}

function joined(list: TensorList, apply: Apply): Item[] {
  const items = picked(list, everyIndex(list));
  const lengths = items.map(({ shape }) => numbersOf(shape)[0] ?? 0);
  const axis = constant('int32', [], Int32Array.of(0));
  const [all] = items.length === 1 ? items : apply('ConcatV2', [...items, axis]);
  return [all!, constant('int32', [lengths.length], Int32Array.from(lengths))];
}

const length = (list: TensorList) => constant('int32', [], Int32Array.of(list.items.length));

/** TensorArray… (the last input is the list: the order of reads and writes) and TensorList…, by operation. */
const operations: Readonly<Record<string, ListOp>> = {
  TensorArrayV3: (x) => [reserve(x.number(0)), reserve(x.number(0))],
  TensorArrayWriteV3: (x) => [written(x.list(3), x.number(1), x.tensor(2))],
  TensorArrayReadV3: (x) => [itemOf(x.list(2), x.number(1))],
  TensorArrayScatterV3: (x, apply) => [scattered(x.list(3), x.numbers(1), parts(x.tensor(2), apply))],
  TensorArrayGatherV3: (x, apply) => stacked(picked(x.list(2), x.numbers(1)), apply),
  TensorArrayConcatV3: (x, apply) => joined(x.list(1), apply),
  TensorArraySplitV3: (x, apply) => {
    const axis = constant('int32', [], Int32Array.of(0));
    return [listOf(apply('SplitV', [x.tensor(1), x.tensor(2), axis]))];
  },
  TensorArraySizeV3: (x) => [length(x.list(1))],
  TensorArrayCloseV3: () => [],
  TensorListReserve: (x) => [reserve(x.number(1))],
  EmptyTensorList: () => [reserve(0)],
  TensorListFromTensor: (x, apply) => [listOf(parts(x.tensor(0), apply))],
  TensorListGetItem: (x) => [itemOf(x.list(0), x.number(1))],
  TensorListSetItem: (x) => [written(x.list(0), x.number(1), x.tensor(2))],
  TensorListStack: (x, apply) => stacked(picked(x.list(0), everyIndex(x.list(0))), apply),
  TensorListGather: (x, apply) => stacked(picked(x.list(0), x.numbers(1)), apply),
  TensorListScatter: (x, apply) => [scattered(reserve(0), x.numbers(1), parts(x.tensor(0), apply))],
  TensorListScatterV2: (x, apply) => [scattered(reserve(0), x.numbers(1), parts(x.tensor(0), apply))],
  TensorListConcat: (x, apply) => joined(x.list(0), apply),
  TensorListConcatV2: (x, apply) => joined(x.list(0), apply),
  TensorListSplit: (x, apply) => {
    const axis = constant('int32', [], Int32Array.of(0));
    return [listOf(apply('SplitV', [x.tensor(0), x.tensor(2), axis]))];
  },
  TensorListLength: (x) => [length(x.list(0))],
  TensorListPushBack: (x) => [written(x.list(0), x.list(0).items.length, x.tensor(1))],
  TensorListPopBack: (x) => {
    const { items } = x.list(0);
    return [listOf(items.slice(0, -1)), itemOf(x.list(0), items.length - 1)];
  },
  TensorListResize: (x) => {
    const { items } = x.list(0);
    const size = reserve(x.number(1)).items.length;
    return [listOf(Array.from({ length: size }, (_, i) => items[i]))];
  },
};

/** Every operation of lists that `compile` can lower. */
export const listOps: readonly string[] = Object.keys(operations);

/** Operations of lists of tensors; a name of an object's own prototype is none. */
export function findListOp(op: string): ((inputs: readonly Item[], apply: Apply) => Item[]) | undefined {
  const operation = Object.hasOwn(operations, op) ? operations[op] : undefined;
  return operation && ((inputs, apply) => operation(new Inputs(inputs), apply));
}
