import { readFile } from 'node:fs/promises';
import { SparseError } from '../../errors.ts';
import { writeFileAtomic } from '../../io/atomic-write.ts';
import { decodeSafetensors } from '../../io/decode-safetensors.ts';
import { encodeSafetensors } from '../../io/encode-safetensors.ts';
import { isRecord } from '../../io/is-record.ts';
import { fileError, type SafetensorsEntry } from '../../io/safetensors.ts';

const format = 'tfjs-sparse-training-state';
/** Grows when a file can no longer be read by older code. */
const version = 1;

/** An array of a state: numbers, or bytes of a mask. */
export interface StateArray {
  shape: readonly number[];
  data: Float32Array | Int32Array | Uint8Array;
}

/** A state: plain data and named arrays. */
export interface StateContents {
  facts: Record<string, unknown>;
  arrays: ReadonlyMap<string, StateArray>;
}

const dtypes = { Float32Array: 'F32', Int32Array: 'I32', Uint8Array: 'U8' } as const;

/**
 * Writes a state as one .safetensors file, atomically.
 *
 * @throws {@link SparseError} `ERR_SPARSE_FILE`
 */
export async function writeStateFile(file: string, { facts, arrays }: StateContents): Promise<void> {
  const tensors = [...arrays].map(([name, { shape, data }]): SafetensorsEntry => {
    const dtype = dtypes[data.constructor.name as keyof typeof dtypes];
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { name, dtype, shape: [...shape], bytes };
  });
  const metadata = { format, version: String(version), state: JSON.stringify(facts) };
  await writeFileAtomic(file, encodeSafetensors({ metadata, tensors }));
}

/** Bytes as numbers; a copy, as they may lie at any address. */
function arrayOf({ dtype, shape, bytes }: SafetensorsEntry): StateArray | undefined {
  const { buffer } = new Uint8Array(bytes);
  if (dtype === 'F32') return { shape, data: new Float32Array(buffer) };
  if (dtype === 'I32') return { shape, data: new Int32Array(buffer) };
  return dtype === 'U8' ? { shape, data: new Uint8Array(buffer) } : undefined;
}

/**
 * Reads what {@link writeStateFile} wrote.
 *
 * @throws {@link SparseError} `ERR_SPARSE_FILE` for a file that cannot be read, is truncated, hostile, of another kind or of a
 *   newer version
 */
export async function readStateFile(file: string): Promise<StateContents> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new SparseError('ERR_SPARSE_FILE', `${file}: cannot be read (${cause.code}). Was it saved here?`, {
      tensor: file,
      cause,
    });
  });
  const { metadata, tensors } = decodeSafetensors(bytes, file);
  if (metadata.format !== format) throw fileError(file, 'is no training state', format, metadata.format);
  if (metadata.version !== String(version)) {
    throw new SparseError(
      'ERR_SPARSE_FILE',
      `${file}: is a training state of version ${metadata.version}, expected ${version}. Read it with the release that wrote it.`,
      { tensor: file, expected: version, received: metadata.version },
    );
  }
  let facts: unknown;
  try {
    facts = JSON.parse(metadata.state ?? '');
  } catch {
    throw fileError(file, 'the state in its metadata is not JSON', 'JSON', metadata.state);
  }
  if (!isRecord(facts)) throw fileError(file, 'the state in its metadata is no object', 'an object', facts);
  const arrays = new Map<string, StateArray>();
  for (const tensor of tensors) {
    const array = arrayOf(tensor);
    if (!array)
      throw fileError(file, `tensor "${tensor.name}" has another type`, 'F32, I32, U8', tensor.dtype);
    arrays.set(tensor.name, array);
  }
  return { facts, arrays };
}
