import { sizeOf } from '../../plan/geometry.ts';
import { BatchIsMixed, type Dim, type GraphTensor, isBatch, sizesTensor } from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';

/**
 * Arithmetic of shapes that hold an open batch: what models do between Shape and Reshape. Slices and reshapes of them are
 * in the operations' own files.
 *
 * @returns `undefined` for an operation that does not compute with sizes
 */
export function combineSizes(call: OpCall): GraphTensor[] | undefined {
  switch (call.op) {
    case 'Mul': {
      const [a, b] = [dimsOf(call.input(0)), dimsOf(call.input(1))];
      const [long, short] = a.length >= b.length ? [a, b] : [b, a];
      if (short.length !== 1 && short.length !== long.length) throw new BatchIsMixed();
      const shape = call.input(a.length >= b.length ? 0 : 1).shape as number[];
      return [
        sizesTensor(
          shape,
          long.map((dim, i) => multiply(dim, short[short.length === 1 ? 0 : i]!)),
        ),
      ];
    }
    case 'Prod':
      return [sizesTensor([], [dimsOf(call.input(0)).reduce(multiply, 1)])];
    case 'Cast':
      return call.attributes.dtype('DstT') === 'int32' ? [call.input(0)] : undefined;
    case 'ConcatV2': {
      const parts = call.inputs.slice(0, -1).map((tensor) => dimsOf(tensor));
      const dims = parts.flat();
      return [sizesTensor([dims.length], dims)];
    }
    case 'Pack': {
      if (call.inputs.some(({ shape }) => shape.length > 0)) throw new BatchIsMixed();
      const dims = call.inputs.flatMap((tensor) => dimsOf(tensor));
      return [sizesTensor([dims.length], dims)];
    }
    case 'GatherV2': {
      const dims = dimsOf(call.input(0));
      const { data, shape } = call.constant(1);
      if (data.length !== sizeOf(shape)) throw new BatchIsMixed();
      const picked = [...data].map((index) => dims[index < 0 ? index + dims.length : index]);
      if (picked.includes(undefined)) throw call.unfit(`indices below ${dims.length}`, [...data]);
      return [sizesTensor(shape, picked as Dim[])];
    }
    default:
      return undefined;
  }
}

function dimsOf(tensor: GraphTensor): readonly Dim[] {
  if (tensor.kind === 'sizes') return tensor.dims;
  if (tensor.kind === 'constant') return [...tensor.data];
  throw new BatchIsMixed();
}

function multiply(a: Dim, b: Dim): Dim {
  if (isBatch(a) && isBatch(b)) throw new BatchIsMixed();
  if (isBatch(a)) return { batches: a.batches * (b as number) };
  return isBatch(b) ? { batches: b.batches * a } : a * b;
}
