import { SparseError } from '../errors.ts';
import { bytesPerElement, metadataKey, type Safetensors } from './safetensors.ts';

/** Tensors of 8-byte elements must lie on a multiple of 8; 64 keeps them on cache lines when mapped. */
const alignment = 64;

/**
 * Lays out a safetensors file, the tensors in the given order.
 *
 * @returns the parts of the file, to be written one after the other
 * @throws SparseError `ERR_SPARSE_ARGUMENT` when a name is taken twice or the bytes do not fit the shape
 */
export function encodeSafetensors({ metadata, tensors }: Safetensors): Uint8Array[] {
  const entries: [string, unknown][] = [[metadataKey, metadata]];
  const names = new Set<string>([metadataKey]);
  let offset = 0;
  for (const { name, dtype, shape, bytes } of tensors) {
    const size = shape.reduce((product, axis) => product * axis, 1) * bytesPerElement[dtype];
    if (names.has(name) || bytes.byteLength !== size) {
      const problem = names.has(name)
        ? 'the name is taken'
        : `has ${bytes.byteLength} bytes, expected ${size}`;
      throw new SparseError(
        'ERR_SPARSE_ARGUMENT',
        `safetensors: tensor "${name}" of ${dtype} [${shape.join(', ')}]: ${problem}. Give each tensor its own name and all its bytes.`,
        { tensor: name, expected: size, received: bytes.byteLength },
      );
    }
    names.add(name);
    entries.push([name, { dtype, shape, data_offsets: [offset, offset + size] }]);
    offset += size;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const length = Math.ceil((8 + json.length) / alignment) * alignment - 8;
  // The header may be filled up with spaces.
  const head = new Uint8Array(8 + length).fill(0x20);
  head.set(json, 8);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  return [head, ...tensors.map((tensor) => tensor.bytes)];
}
