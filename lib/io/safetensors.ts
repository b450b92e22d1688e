import { SparseError } from '../errors.ts';

/**
 * The safetensors container: eight bytes with the length of a JSON header (little-endian), the header, the bytes of all
 * tensors. The header maps a name to `{ dtype, shape, data_offsets: [begin, end] }`, offsets counted from the end
 * of the header, and `__metadata__` to strings.
 *
 * @see the format's own page: huggingface/safetensors, "Format"
 */
export const bytesPerElement = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const;

export type SafetensorsDtype = keyof typeof bytesPerElement;

/** One tensor of a file. */
export interface SafetensorsEntry {
  name: string;
  dtype: SafetensorsDtype;
  shape: number[];
  /** Little-endian, row-major. When read: a view into the file's bytes. */
  bytes: Uint8Array;
}

/** Everything in a file. */
export interface Safetensors {
  metadata: Readonly<Record<string, string>>;
  tensors: readonly SafetensorsEntry[];
}

/** Metadata has this key in the header, so no tensor can. */
export const metadataKey = '__metadata__';

/** An error that names the file. */
export function fileError(file: string, problem: string, expected: unknown, received: unknown): SparseError {
  return new SparseError(
    'ERR_SPARSE_FILE',
    `${file}: ${problem}. Is the file complete, and was it written as .safetensors?`,
    { tensor: file, expected, received },
  );
}
