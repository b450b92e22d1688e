import { SparseError } from '../errors.ts';
import type { Weight } from './artifacts.ts';
import { decodeFloat16 } from './float16.ts';
import { type CheckedSpec, checkSpec } from './weight-specs.ts';

/**
 * Cuts the bytes of a weights group into its weights and undoes quantization. Optimizer slots are skipped.
 *
 * @param bytes - all bytes of the group, little-endian
 * @param origin - what messages call the model
 * @throws SparseError `ERR_SPARSE_MODEL` for a wrong manifest and for bytes missing or left over
 */
export function decodeWeights(specs: readonly unknown[], bytes: Uint8Array, origin: string): Weight[] {
  const weights: Weight[] = [];
  let offset = 0;
  const take = (spec: CheckedSpec, length: number): Uint8Array<ArrayBuffer> => {
    if (length > bytes.length - offset) {
      throw new SparseError(
        'ERR_SPARSE_MODEL',
        `${origin}: weight "${spec.name}" ends at byte ${offset + length}, the weight data has ${bytes.length}. Is a weight file missing or cut off?`,
        { tensor: spec.name, expected: offset + length, received: bytes.length },
      );
    }
    // A copy, so that typed arrays on it are aligned and the whole file can be freed.
    const part = new Uint8Array(length);
    part.set(bytes.subarray(offset, offset + length));
    offset += length;
    return part;
  };
  for (const given of specs) {
    const spec = checkSpec(given, origin);
    const data = decodeOne(spec, (length) => take(spec, length));
    if (!spec.isOptimizer) weights.push({ name: spec.name, shape: spec.shape, dtype: spec.dtype, data });
  }
  if (offset !== bytes.length) {
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `${origin}: the weights take ${offset} bytes, the weight data has ${bytes.length}. Do model.json and the weight files belong together?`,
      { expected: offset, received: bytes.length },
    );
  }
  return weights;
}

function decodeOne(spec: CheckedSpec, take: (length: number) => Uint8Array<ArrayBuffer>): Weight['data'] {
  if (spec.dtype === 'string') return decodeStrings(spec.size, take);
  if (spec.quantization) return dequantize(spec, take);
  switch (spec.dtype) {
    case 'float32':
      return new Float32Array(take(spec.size * 4).buffer);
    case 'complex64':
      return new Float32Array(take(spec.size * 8).buffer);
    case 'int32':
      return new Int32Array(take(spec.size * 4).buffer);
    case 'bool':
      return take(spec.size);
  }
}

function dequantize(
  { size, dtype, quantization }: CheckedSpec,
  take: (length: number) => Uint8Array<ArrayBuffer>,
): Float32Array | Int32Array {
  const { dtype: stored, scale, min } = quantization!;
  if (stored === 'float16') return decodeFloat16(new Uint16Array(take(size * 2).buffer));
  const levels = stored === 'uint8' ? take(size) : new Uint16Array(take(size * 2).buffer);
  return dtype === 'int32'
    ? Int32Array.from(levels, (level) => Math.round(level * scale + min))
    : Float32Array.from(levels, (level) => level * scale + min);
}

/** Each string is its length in four bytes, then its bytes. */
function decodeStrings(count: number, take: (length: number) => Uint8Array<ArrayBuffer>): Uint8Array[] {
  const strings: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const length = new DataView(take(4).buffer).getUint32(0, true);
    strings.push(take(length));
  }
  return strings;
}
