import { open } from 'node:fs/promises';
import { SparseError } from '../errors.ts';
import type { IntegerTensor, Plan, PlanTensor } from '../plan/plan.ts';
import { validatePlan } from '../plan/validate.ts';
import { writeFileAtomic } from './atomic-write.ts';
import { decodeSafetensors } from './decode-safetensors.ts';
import { encodeSafetensors } from './encode-safetensors.ts';
import { isRecord } from './is-record.ts';
import { fileError, type SafetensorsEntry } from './safetensors.ts';

/** Metadata keys of a plan's file: who wrote it, and the plan without its tensors as JSON. */
const formatKey = 'format';
const planKey = 'tfjs_sparse_plan';
const format = 'tfjs-sparse';

/**
 * Writes a plan as one .safetensors file: the tensors as F32, integers as I32, the rest as JSON in the metadata. Atomic.
 *
 * @throws SparseError `ERR_SPARSE_FILE` when the file cannot be written
 */
export async function savePlan(plan: Plan, file: string): Promise<void> {
  const { tensors, integers = {}, ...rest } = plan;
  const entries = Object.entries(tensors).map(
    ([name, { shape, data }]): SafetensorsEntry => ({
      name,
      dtype: 'F32',
      shape,
      bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    }),
  );
  for (const [name, { shape, data }] of Object.entries(integers)) {
    entries.push({
      name,
      dtype: 'I32',
      shape,
      bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    });
  }
  const metadata = { [formatKey]: format, [planKey]: JSON.stringify(rest, writeFill) };
  await writeFileAtomic(file, encodeSafetensors({ metadata, tensors: entries }));
}

/**
 * Reads what `savePlan` wrote. The plan is checked completely: a file that was tampered with gives an error, never
 * a plan that reads out of bounds.
 *
 * @throws SparseError `ERR_SPARSE_FILE` for a file that is truncated, hostile or no plan; `ERR_SPARSE_PLAN` for a plan that
 *   does not hang together
 */
export async function loadPlan(file: string): Promise<Plan> {
  const { metadata, tensors } = decodeSafetensors(await readBytes(file), file);
  const json = metadata[planKey];
  if (json === undefined) {
    throw fileError(file, 'has no plan in its metadata', planKey, Object.keys(metadata));
  }
  let rest: unknown;
  try {
    rest = JSON.parse(json, readFill);
  } catch (error) {
    throw fileError(
      file,
      `the plan in its metadata is not JSON (${(error as Error).message})`,
      'JSON',
      'something else',
    );
  }
  if (!isRecord(rest)) throw fileError(file, 'the plan in its metadata is no object', 'an object', rest);
  const integers = tensors
    .filter(({ dtype }) => dtype === 'I32')
    .map((tensor) => [tensor.name, readIntegers(tensor)] as const);
  const plan: unknown = {
    ...rest,
    tensors: Object.fromEntries(
      tensors.filter(({ dtype }) => dtype !== 'I32').map((tensor) => [tensor.name, readTensor(tensor, file)]),
    ),
    ...(integers.length > 0 && { integers: Object.fromEntries(integers) }),
  };
  validatePlan(plan);
  return plan;
}

/** JSON has no Infinity and no NaN; what padding is filled with may be one. */
const notInJson: readonly unknown[] = ['Infinity', '-Infinity', 'NaN'];
const writeFill = (key: string, value: unknown) =>
  key === 'fill' && notInJson.includes(String(value)) ? String(value) : value;
const readFill = (key: string, value: unknown) =>
  key === 'fill' && notInJson.includes(value) ? Number(value) : value;

function readIntegers({ shape, bytes }: SafetensorsEntry): IntegerTensor {
  const copy = Uint8Array.from(bytes);
  return { shape, data: new Int32Array(copy.buffer, 0, copy.length / 4) };
}

function readTensor({ name, dtype, shape, bytes }: SafetensorsEntry, file: string): PlanTensor {
  if (dtype !== 'F32')
    throw fileError(file, `tensor "${name}" has dtype ${dtype}, expected F32`, 'F32', dtype);
  // A view where the file's bytes are aligned, as those that we write are.
  const isAligned = bytes.byteOffset % 4 === 0;
  const { buffer, byteOffset } = isAligned ? bytes : Uint8Array.from(bytes);
  return { shape, data: new Float32Array(buffer as ArrayBuffer, byteOffset, bytes.length / 4) };
}

/** The file in a buffer of its own: Node may hand out small reads from a shared, unaligned pool. */
async function readBytes(file: string): Promise<Uint8Array> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const bytes = new Uint8Array(size);
      let filled = 0;
      while (filled < size) {
        const { bytesRead } = await handle.read(bytes, filled, size - filled, filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new SparseError(
      'ERR_SPARSE_FILE',
      `${file}: cannot be read (${(cause as NodeJS.ErrnoException).code ?? cause}). Give the path of a file that save() wrote.`,
      { tensor: file, cause },
    );
  }
}
