import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { SparseError, shown } from '../../errors.ts';
import { writeFileAtomic } from '../../io/atomic-write.ts';
import { decodeSafetensors } from '../../io/decode-safetensors.ts';
import { encodeSafetensors } from '../../io/encode-safetensors.ts';
import { isRecord } from '../../io/is-record.ts';
import type { SafetensorsEntry } from '../../io/safetensors.ts';
import { decodeJson, encodeJson } from './study-json.ts';

/** Arrays that a part of a study leaves for later ones: weights (float32) and masks (uint8), by name. */
export type UnitArrays = Readonly<Record<string, Float32Array | Uint8Array>>;

/** What later parts of a study go on from. */
export interface UnitOutcome {
  arrays: UnitArrays;
  /** Plain JSON data. */ facts?: Readonly<Record<string, unknown>>;
}

/** A finished part of a study: what it reported, and its outcome. */
export interface FinishedUnit extends UnitOutcome {
  records: readonly object[];
}

/** What must be equal for a folder to belong to a study: its options and fingerprints of its model and data. */
export type StudyIdentity = Readonly<Record<string, unknown>>;

const version = '1';

function toEntry([name, values]: [string, Float32Array | Uint8Array]): SafetensorsEntry {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { name, dtype: values instanceof Uint8Array ? 'U8' : 'F32', shape: [values.length], bytes };
}

function fromEntry({ name, dtype, bytes }: SafetensorsEntry): [string, Float32Array | Uint8Array] {
  // A copy: `slice` of a Buffer, which the bytes may be, would be a view of the whole file.
  const own = new Uint8Array(bytes);
  return [name, dtype === 'U8' ? own : new Float32Array(own.buffer)];
}

/** The finished parts of one study, one file each, written atomically: a killed study leaves a usable folder. */
export class StudyFolder {
  readonly #study: string;
  readonly #folder: string;

  private constructor(study: string, folder: string) {
    this.#study = study;
    this.#folder = folder;
  }

  /**
   * Makes the folder, or takes up the one that is there.
   *
   * @throws {@link SparseError} `ERR_SPARSE_FILE` when it cannot be made or holds something else, `ERR_SPARSE_OPTION`
   *   when it holds a study of other options, another model or other data
   */
  static async open(study: string, folder: string, identity: StudyIdentity): Promise<StudyFolder> {
    try {
      await mkdir(folder, { recursive: true });
    } catch (cause) {
      throw new SparseError('ERR_SPARSE_FILE', `${study}: folder ${folder} cannot be made (${cause}).`, {
        tensor: folder,
        cause,
      });
    }
    const opened = new StudyFolder(study, folder);
    await opened.#claim({ study, version, ...identity });
    return opened;
  }

  async #claim(identity: StudyIdentity): Promise<void> {
    const file = path.join(this.#folder, 'study.json');
    const text = encodeJson(identity);
    const found = await readIfThere(file);
    if (found === undefined) {
      await writeFileAtomic(file, [Buffer.from(text)]);
      return;
    }
    let held: unknown;
    try {
      held = decodeJson(found.toString());
    } catch (cause) {
      throw new SparseError(
        'ERR_SPARSE_FILE',
        `${file}: is no JSON. Give ${this.#study} a folder of its own.`,
        {
          tensor: file,
          cause,
        },
      );
    }
    const other = isRecord(held) ? held : {};
    for (const key of new Set([...Object.keys(identity), ...Object.keys(other)])) {
      if (encodeJson(other[key] ?? null) === encodeJson(identity[key] ?? null)) continue;
      throw new SparseError(
        'ERR_SPARSE_OPTION',
        `${this.#study}: ${this.#folder} holds a study with another "${key}": ${shown(other[key])}, now ` +
          `${shown(identity[key])}. Resume with the same model, data and options, or give another folder.`,
        { tensor: key, expected: other[key], received: identity[key] },
      );
    }
  }

  #fileOf(unit: string): string {
    return path.join(this.#folder, `${unit}.safetensors`);
  }

  /**
   * A part that was finished before, or `undefined`.
   *
   * @throws {@link SparseError} `ERR_SPARSE_FILE` when its file is damaged
   */
  async read(unit: string): Promise<FinishedUnit | undefined> {
    const file = this.#fileOf(unit);
    const bytes = await readIfThere(file);
    if (bytes === undefined) return undefined;
    const { metadata, tensors } = decodeSafetensors(bytes, file);
    let told: unknown;
    try {
      told = decodeJson(metadata.unit ?? '');
    } catch {
      told = undefined;
    }
    if (isRecord(told) && Array.isArray(told.records) && isRecord(told.facts)) {
      const { records, facts } = told;
      return { records, facts, arrays: Object.fromEntries(tensors.map(fromEntry)) };
    }
    throw new SparseError(
      'ERR_SPARSE_FILE',
      `${file}: holds no records of a study. Remove it, and ${this.#study} does that part again.`,
      { tensor: file, expected: 'metadata "unit"', received: Object.keys(metadata) },
    );
  }

  /** Keeps a finished part. @throws {@link SparseError} `ERR_SPARSE_FILE` when it cannot be written */
  async write(unit: string, { records, arrays, facts = {} }: FinishedUnit): Promise<void> {
    const metadata = { study: this.#study, unit: encodeJson({ records, facts }) };
    await writeFileAtomic(
      this.#fileOf(unit),
      encodeSafetensors({ metadata, tensors: Object.entries(arrays).map(toEntry) }),
    );
  }
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SparseError('ERR_SPARSE_FILE', `${file}: cannot be read (${cause}).`, { tensor: file, cause });
  }
}
