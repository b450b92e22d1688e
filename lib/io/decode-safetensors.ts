import { shown } from '../errors.ts';
import { isRecord } from './is-record.ts';
import {
  bytesPerElement,
  fileError,
  metadataKey,
  type Safetensors,
  type SafetensorsDtype,
  type SafetensorsEntry,
} from './safetensors.ts';

/** The bound that the format's own readers have. */
const maxHeaderBytes = 100_000_000;

/**
 * Reads a safetensors file out of its bytes and believes nothing: every offset lies inside, the tensors follow each
 * other without hole or overlap up to the last byte, and each is as long as its dtype and shape say.
 *
 * @param file - what messages call it
 * @throws SparseError `ERR_SPARSE_FILE`
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): Safetensors {
  const dataStart = 8 + headerLength(bytes, file);
  const header = parseHeader(bytes.subarray(8, dataStart), file);
  const { [metadataKey]: metadata = {}, ...described } = header;
  const data = bytes.subarray(dataStart);
  const tensors = Object.entries(described)
    .map(([name, entry]) => readEntry(name, entry, data, file))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const tensor of tensors) {
    if (tensor.begin !== end) {
      throw fileError(
        file,
        `tensor "${tensor.name}" begins at byte ${tensor.begin}, expected ${end}`,
        end,
        tensor.begin,
      );
    }
    end = tensor.end;
  }
  if (end !== data.length) {
    throw fileError(file, `its tensors end at byte ${end}, its data at ${data.length}`, end, data.length);
  }
  return {
    metadata: readMetadata(metadata, file),
    tensors: tensors.map(({ begin: _, end: __, ...entry }) => entry),
  };
}

function headerLength(bytes: Uint8Array, file: string): number {
  if (bytes.length < 8)
    throw fileError(file, `has ${bytes.length} bytes, a header takes more`, 8, bytes.length);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  const room = Math.min(bytes.length - 8, maxHeaderBytes);
  if (length < 2n || length > BigInt(room)) {
    throw fileError(
      file,
      `says that its header has ${length} bytes, room is for ${room}`,
      `2 to ${room}`,
      String(length),
    );
  }
  return Number(length);
}

function parseHeader(bytes: Uint8Array, file: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw fileError(file, `its header is not JSON (${(error as Error).message})`, 'JSON', 'something else');
  }
  // The format wants the header to begin with the brace itself.
  if (!isRecord(header) || bytes[0] !== 0x7b)
    throw fileError(file, 'its header is no object', 'an object', header);
  return header;
}

function readMetadata(metadata: unknown, file: string): Record<string, string> {
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw fileError(file, 'its metadata are not strings', 'strings by name', metadata);
  }
  return metadata as Record<string, string>;
}

function readEntry(
  name: string,
  entry: unknown,
  data: Uint8Array,
  file: string,
): SafetensorsEntry & { begin: number; end: number } {
  const fail = (expected: string, received: unknown) =>
    fileError(
      file,
      `tensor "${name}": expected ${expected}, received ${shown(received)}`,
      expected,
      received,
    );
  if (!isRecord(entry)) throw fail('an object', entry);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isDtype(dtype)) throw fail(`a dtype of ${Object.keys(bytesPerElement).join(', ')}`, dtype);
  if (!isIntegers(shape)) throw fail('a shape of integers from 0', shape);
  if (!isIntegers(offsets) || offsets.length !== 2) throw fail('two offsets', offsets);
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > data.length) throw fail(`offsets in order, up to ${data.length}`, offsets);
  const size = shape.reduce((product, axis) => product * axis, bytesPerElement[dtype] as number);
  if (size !== end - begin) throw fail(`${size} bytes for ${dtype} [${shape.join(', ')}]`, end - begin);
  return { name, dtype, shape, bytes: data.subarray(begin, end), begin, end };
}

function isDtype(value: unknown): value is SafetensorsDtype {
  return typeof value === 'string' && Object.hasOwn(bytesPerElement, value);
}

function isIntegers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
