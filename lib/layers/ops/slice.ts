import { rowMajorStrides } from '../../plan/strides.ts';
import { BatchIsMixed, type Dim, type GraphTensor, isBatch, isCount, numbersOf } from './graph-tensor.ts';
import { checkCount } from './limits.ts';
import { pickFromMap } from './map-axes.ts';
import type { OpCall } from './op-call.ts';
import type { OpType } from './op-type.ts';
import { reshapeTo } from './reshape.ts';

/** Entries begin, begin + stride, … of an axis, `size` of them; `undefined`: the axis as it is. */
export type Range = { begin: number; size: number; stride: number } | undefined;

/** A box out of a tensor. */
export const slice: OpType = {
  ops: ['Slice'],
  lower: (call) => {
    const { shape } = call.input(0);
    const [begin, size] = [call.integers(1), call.dims(2)];
    const ranges = shape.map((dim, axis): Range => {
      const [from, wanted] = [begin[axis]!, size[axis]!];
      if (from === 0 && (wanted === -1 || (isBatch(wanted) && isBatch(dim)))) return undefined;
      const [whole, part] = numbersOf([dim, wanted]) as [number, number];
      const count = part === -1 ? whole - from : part;
      if (from < 0 || count < 0 || from + count > whole) throw call.unfit(`a slice of [${shape}]`, begin);
      return { begin: from, size: count, stride: 1 };
    });
    return [takeRanges(call, call.input(0), ranges)];
  },
};

/** A box with strides; axes may be taken out or put in. */
export const stridedSlice: OpType = {
  ops: ['StridedSlice'],
  lower: (call) => {
    const tensor = call.input(0);
    const { ranges, shape } = readStridedSlice(call, tensor.shape);
    const taken = takeRanges(call, tensor, ranges);
    return [shape.length === taken.shape.length ? taken : reshapeTo(call, taken, shape)];
  },
};

/** The entries of some axes from the last to the first; `Reverse` has a bool for each axis. */
export const reverse: OpType = {
  ops: ['Reverse', 'ReverseV2'],
  lower: (call) => {
    const tensor = call.input(0);
    const { shape } = tensor;
    const listed = call.integers(1);
    const axes =
      call.op === 'Reverse'
        ? listed.flatMap((isTurned, axis) => (isTurned ? [axis] : []))
        : listed.map((axis) => call.axisOf(axis, shape.length));
    const ranges = shape.map((dim, axis): Range => {
      if (!axes.includes(axis)) return undefined;
      const [size] = numbersOf([dim]) as [number];
      return { begin: size - 1, size, stride: -1 };
    });
    return [takeRanges(call, tensor, ranges)];
  },
};

/** Parts of equal or listed sizes. */
export const split: OpType = {
  ops: ['Split', 'SplitV'],
  lower: (call) => {
    const isListed = call.op === 'SplitV';
    const tensor = call.input(isListed ? 0 : 1);
    const axis = call.axisOf(call.integer(isListed ? 2 : 0), tensor.shape.length);
    const [size] = numbersOf([tensor.shape[axis]!]) as [number];
    const sizes = isListed ? call.integers(1) : equalParts(call, size);
    const rest = size - sizes.filter((part) => part !== -1).reduce((a, b) => a + b, 0);
    let begin = 0;
    return sizes.map((part) => {
      const range = { begin, size: part === -1 ? rest : part, stride: 1 };
      begin += range.size;
      if (range.size < 0 || begin > size) throw call.unfit(`parts of ${size}`, sizes);
      return takeRanges(
        call,
        tensor,
        tensor.shape.map((_, i) => (i === axis ? range : undefined)),
      );
    });
  },
};

function equalParts(call: OpCall, size: number): number[] {
  const count = call.attributes.integer('num_split');
  if (count < 1 || size % count !== 0) throw call.unfit(`parts of ${size}`, count);
  return new Array<number>(count).fill(size / count);
}

/** The entries of an axis as tensors without it. */
export const unpack: OpType = {
  ops: ['Unpack'],
  lower: (call) => {
    const tensor = call.input(0);
    const axis = call.axisOf(call.attributes.integer('axis', 0), tensor.shape.length);
    const [size] = numbersOf([tensor.shape[axis]!]) as [number];
    checkCount(size);
    const rest = tensor.shape.filter((_, i) => i !== axis);
    return Array.from({ length: size }, (_, begin) => {
      const ranges = tensor.shape.map((_, i) => (i === axis ? { begin, size: 1, stride: 1 } : undefined));
      return reshapeTo(call, takeRanges(call, tensor, ranges), rest);
    });
  },
};

/**
 * x[…] as Python writes it.
 *
 * @param slices - for each axis `{start, stop, step}` or an entry; null puts an axis in, '...' stands for the axes between
 */
export function takeSlices(call: OpCall, tensor: GraphTensor, slices: readonly unknown[]): GraphTensor {
  const { shape } = tensor;
  const listed = slices.filter((item) => item !== null && item !== '...').length;
  if (listed > shape.length) throw call.unfit(`slices of ${shape.length} axes`, listed);
  const ranges: Range[] = [];
  const result: Dim[] = [];
  const keep = (axes: number) => {
    for (let i = 0; i < axes; i++) result.push(shape[ranges.push(undefined) - 1]!);
  };
  for (const item of slices) {
    const dim = shape[ranges.length];
    if (item === null) {
      result.push(1);
    } else if (item === '...') {
      keep(shape.length - listed);
    } else if (typeof item === 'number') {
      ranges.push(shrinkRange(call, dim!, item));
    } else {
      const { start, stop, step } = item as { start?: unknown; stop?: unknown; step?: unknown };
      const given = [start, stop, step ?? 1].map((value) => value ?? 0) as [number, number, number];
      if (!given.every((value) => Number.isInteger(value))) throw call.unfit('slices of integers', given);
      const open = { begin: (start ?? null) === null, end: (stop ?? null) === null };
      const range = rangeOf(call, dim!, ...given, open);
      ranges.push(range);
      result.push(range ? range.size : dim!);
    }
  }
  keep(shape.length - ranges.length);
  const taken = takeRanges(call, tensor, ranges);
  return result.length === taken.shape.length ? taken : reshapeTo(call, taken, result);
}

/** The entries that the ranges name, along every axis. */
export function takeRanges(call: OpCall, tensor: GraphTensor, ranges: readonly Range[]): GraphTensor {
  if (ranges.every((range, axis) => range === undefined || isWhole(range, tensor.shape[axis]!)))
    return tensor;
  if (tensor.kind === 'sizes') {
    const [{ begin, size, stride }] = ranges as [NonNullable<Range>];
    const dims = Array.from({ length: size }, (_, i) => tensor.dims[begin + i * stride]!);
    return { ...tensor, shape: [size], dims };
  }
  const hidden = call.hidden([tensor]);
  if (hidden === 1 && ranges[0]) throw new BatchIsMixed();
  const own = ranges.slice(hidden);
  const shape = call.shapeIn(tensor);
  const full = shape.map((size, axis) => own[axis] ?? { begin: 0, size, stride: 1 });
  if (call.isMap(tensor) && (ranges[0] === undefined || isWhole(ranges[0], tensor.shape[0]!))) {
    const mapAxes = hidden === 1 ? full : full.slice(1);
    const entries = mapAxes.map(({ begin, size, stride }) =>
      Array.from({ length: size }, (_, i) => begin + i * stride),
    );
    const picked = pickFromMap(call, tensor, entries);
    if (picked) return picked;
  }
  const strides = rowMajorStrides(shape);
  return call.array(
    {
      op: 'strided',
      sizes: full.map(({ size }) => size),
      strides: full.map(({ stride }, axis) => stride * strides[axis]!),
      offset: full.reduce((sum, { begin }, axis) => sum + begin * strides[axis]!, 0),
    },
    [tensor],
    full.map(({ size }) => size),
    tensor.dtype,
  );
}

function isWhole({ begin, size, stride }: NonNullable<Range>, dim: Dim): boolean {
  return begin === 0 && stride === 1 && size === dim;
}

interface ReadSlice {
  ranges: Range[];
  /** Of the result, axes taken out and put in. */
  shape: Dim[];
}

function readStridedSlice(call: OpCall, shape: readonly Dim[]): ReadSlice {
  const [begin, end, strides] = [call.dims(1), call.dims(2), call.integers(3)];
  const mask = (name: string, i: number) => ((call.attributes.integer(name, 0) >> i) & 1) === 1;
  const count = strides.length;
  const isNew = (i: number) => mask('new_axis_mask', i);
  const ellipsis = strides.findIndex((_, i) => mask('ellipsis_mask', i));
  const listed = strides.filter((_, i) => !isNew(i) && i !== ellipsis).length;
  const ranges: Range[] = [];
  const result: Dim[] = [];
  const keep = (axes: number) => {
    for (let i = 0; i < axes; i++) {
      result.push(shape[ranges.length]!);
      ranges.push(undefined);
    }
  };
  for (let i = 0; i < count; i++) {
    if (i === ellipsis) {
      keep(shape.length - listed);
    } else if (isNew(i)) {
      result.push(1);
    } else {
      const dim = shape[ranges.length];
      if (dim === undefined) throw call.unfit(`slices of ${shape.length} axes`, strides);
      const isShrunk = mask('shrink_axis_mask', i);
      const open = { begin: mask('begin_mask', i), end: mask('end_mask', i) };
      const range = isShrunk
        ? shrinkRange(call, dim, begin[i]!)
        : rangeOf(call, dim, begin[i]!, end[i]!, strides[i]!, open);
      if (!isShrunk) result.push(range ? range.size : dim);
      ranges.push(range);
    }
  }
  keep(shape.length - ranges.length);
  return { ranges, shape: result };
}

function shrinkRange(call: OpCall, dim: Dim, at: Dim): Range {
  const [size, entry] = numbersOf([dim, at]) as [number, number];
  const begin = entry < 0 ? entry + size : entry;
  if (begin < 0 || begin >= size) throw call.unfit(`an entry of ${size}`, entry);
  return { begin, size: 1, stride: 1 };
}

function rangeOf(
  call: OpCall,
  dim: Dim,
  begin: Dim,
  end: Dim,
  stride: number,
  open: { begin: boolean; end: boolean },
): Range {
  if (stride === 0) throw call.unfit('strides other than 0', stride);
  if (isBatch(dim)) {
    const fromStart = open.begin || begin === 0;
    const toEnd =
      open.end || (isBatch(end) && end.batches === 1) || (typeof end === 'number' && end >= 0x7fffffff);
    if (stride === 1 && fromStart && toEnd) return undefined;
    throw new BatchIsMixed();
  }
  if (isCount(dim)) {
    if (stride === 1 && (open.begin || begin === 0) && open.end) return undefined;
    throw call.unfit('all of the rows whose number the run finds', [begin, end]);
  }
  const [low, high] = stride > 0 ? [0, dim] : [-1, dim - 1];
  const clamp = (value: Dim) => {
    const [known] = numbersOf([value]) as [number];
    const counted = known < 0 ? known + dim : known;
    return Math.min(Math.max(counted, low), high);
  };
  const first = open.begin ? (stride > 0 ? 0 : dim - 1) : clamp(begin);
  const last = open.end ? (stride > 0 ? dim : -1) : clamp(end);
  return { begin: first, size: Math.max(0, Math.ceil((last - first) / stride)), stride };
}
