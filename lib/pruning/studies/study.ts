import { SparseError, shown } from '../../errors.ts';
import { abortedError, readSignal } from '../../native/abort.ts';
import { checkInteger } from '../options.ts';
import { seedOf } from './seeds.ts';
import { StudyFolder, type StudyIdentity, type UnitOutcome } from './study-folder.ts';

/** What every study takes. */
export interface StudyOptions {
  /**
   * Every finished part is kept here as a file, written atomically. A study that is started again with the same folder,
   * model, data and options takes the finished parts from it and gives the same records. Default: nothing is kept.
   */
  folder?: string;
  /** Stops the study between two batches, with `ERR_SPARSE_ABORTED`; the folder can be resumed from. */
  signal?: AbortSignal;
  /** Of everything random: data order, random masks, samples. Default 0. On one backend a seed gives the same records. */
  seed?: number;
}

/** Names of {@link StudyOptions}, for checking keys. */
export const studyOptionNames = ['folder', 'signal', 'seed'] as const;

/** One run of a study: its folder, its signal and its seed. */
export class StudyRun {
  /** Name of the study, for messages. */ readonly name: string;
  readonly seed: number;
  readonly #signal: AbortSignal | undefined;
  readonly #folder: StudyFolder | undefined;

  private constructor(
    name: string,
    seed: number,
    signal: AbortSignal | undefined,
    folder: StudyFolder | undefined,
  ) {
    this.name = name;
    this.seed = seed;
    this.#signal = signal;
    this.#folder = folder;
  }

  /**
   * @param identity - what a folder is compared by; only asked for when there is a folder
   * @throws {@link SparseError} `ERR_SPARSE_ARGUMENT`, `ERR_SPARSE_OPTION`, `ERR_SPARSE_FILE`, `ERR_SPARSE_ABORTED`
   */
  static async open(name: string, options: StudyOptions, identity: () => StudyIdentity): Promise<StudyRun> {
    const { folder, seed = 0 } = options;
    checkInteger(`${name}: seed`, seed, 0);
    const signal = readSignal(name, options.signal);
    if (signal?.aborted) throw abortedError(name, signal);
    if (folder !== undefined && (typeof folder !== 'string' || folder === '')) {
      throw new SparseError(
        'ERR_SPARSE_ARGUMENT',
        `${name}: folder is ${shown(folder)}, expected the path of a folder.`,
        { tensor: 'folder', expected: 'a path', received: folder },
      );
    }
    const kept =
      folder === undefined ? undefined : await StudyFolder.open(name, folder, { seed, ...identity() });
    return new StudyRun(name, seed, signal, kept);
  }

  /** Call it between two batches. @throws {@link SparseError} `ERR_SPARSE_ABORTED` */
  check(): void {
    if (this.#signal?.aborted) throw abortedError(this.name, this.#signal);
  }

  /** A seed for one part of the study. */
  seedOf(...part: readonly (string | number)[]): number {
    return seedOf(this.seed, ...part);
  }

  /**
   * One part of the study: taken from the folder when it was finished before, else worked out now and kept.
   *
   * @param unit - name of the part and of its file: letters, digits, dots and hyphens
   * @param work - yields records (plain JSON data) and returns what later parts need
   * @returns that
   */
  async *unit<R extends object>(
    unit: string,
    work: () => AsyncGenerator<R, UnitOutcome>,
  ): AsyncGenerator<R, UnitOutcome> {
    this.check();
    const finished = await this.#folder?.read(unit);
    if (finished) {
      yield* finished.records as R[];
      return finished;
    }
    const records: R[] = [];
    const working = work();
    try {
      let next = await working.next();
      while (!next.done) {
        records.push(next.value);
        yield next.value;
        next = await working.next();
      }
      await this.#folder?.write(unit, { records, ...next.value });
      return next.value;
    } finally {
      // A caller who leaves in the middle: the part lets go of its tensors.
      await working.return({ arrays: {} });
    }
  }

  /** A part that has one record and leaves nothing else. */
  async once<R extends object>(unit: string, work: () => Promise<R>): Promise<R> {
    const records: R[] = [];
    const part = this.unit<R>(unit, async function* () {
      yield await work();
      return { arrays: {} };
    });
    for await (const record of part) records.push(record);
    return records[0]!;
  }
}
