import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CompileOptions, compile, SparseError, UnsupportedLayerError } from '../../lib/index.ts';
import type { Artifacts } from '../../lib/io/artifacts.ts';
import { readArtifacts } from '../../lib/io/read-artifacts.ts';
import type { TurnsOptions } from '../../lib/measure/turns.ts';
import type { TensorInfo } from '../../lib/session/ports.ts';
import type { WholeModelCase } from '../cases/whole-model-case.ts';
import type { CatalogueEntry } from './catalogue.ts';
import { Engines } from './engines.ts';
import { describeInputs, type InputSet, inputSets } from './inputs.ts';
import { measure } from './measure.ts';
import type { Photograph } from './photographs.ts';
import { countParameters, pruneArtifacts, saveArtifacts } from './prune-model.ts';
import type { Agreement, ConformanceRow } from './result.ts';

export interface CheckOptions {
  photographs: readonly Photograph[];
  /** Share of zeros of the pruned run. */
  sparsity: number;
  threads?: number;
  /** Kept from model to model; default: of this model alone. */
  engines?: Engines;
  /** The row of an earlier run, whose differences of tfjs-node from itself are taken over. */
  earlier?: ConformanceRow;
  timing?: TurnsOptions;
}

/** What a session says about itself, taken from one that is compiled here and disposed at once. */
async function profile(file: string, options: CompileOptions = {}) {
  const session = await compile(file, options);
  const { inputs, outputs } = session;
  const { steps, weightBytes, arenaBytes } = session.describe(1);
  session.dispose();
  return {
    inputs,
    outputs,
    facts: { steps: steps.length, weightBytes, arenaBytes },
  };
}

function refusalOf(error: unknown): string {
  if (error instanceof UnsupportedLayerError) {
    const classes = [...new Set(error.layers.map((layer) => layer.className))];
    return `${error.layers.length} unsupported: ${classes.join(', ')}`;
  }
  if (error instanceof SparseError) return error.message;
  throw error;
}

async function agreement(
  engines: Engines,
  entry: CatalogueEntry,
  file: string,
  artifacts: Artifacts,
  sets: InputSet[],
  { timing, threads = 1, own }: Pick<CheckOptions, 'timing' | 'threads'> & { own?: number },
): Promise<Agreement> {
  const { inputs, outputs, facts } = await profile(file, entry.compile);
  const work: WholeModelCase = {
    path: file,
    kind: entry.kind,
    inputs: inputs.map(({ name, shape, dtype }) => ({
      name,
      shape: shape.map((size) => size ?? 1),
      dtype: dtype === 'float32' ? dtype : 'int32',
    })),
    outputs: outputs.map(({ name }) => name),
    sets,
    compile: { threads, ...entry.compile },
  };
  const { limit, classifier = false, sortedBy } = entry;
  const measured = await measure(engines, work, { limit, classifier, sortedBy, timing, own });
  return { zeros: countParameters(artifacts).zeros, ...measured, ...facts };
}

/** One model: as published, then pruned. What fails is in the row, not thrown. */
export async function checkModel(
  entry: CatalogueEntry,
  group: string,
  options: CheckOptions,
): Promise<ConformanceRow> {
  const { model, source, kind } = entry;
  const published = await entry.path();
  const artifacts = await readArtifacts(published);
  const row: ConformanceRow = {
    model,
    group,
    source,
    kind,
    parameters: countParameters(artifacts).parameters,
  };
  let ports: readonly TensorInfo[];
  try {
    ports = (await profile(published, entry.compile)).inputs;
  } catch (error) {
    const why = refusalOf(error);
    return { ...row, refused: { why: entry.refusal ?? why, expected: entry.refusal !== undefined } };
  }
  if (entry.refusal !== undefined) return { ...row, refused: { why: entry.refusal, expected: true } };
  row.inputs = describeInputs(ports, entry);
  const folder = await mkdtemp(path.join(tmpdir(), 'tfjs-sparse-conformance-'));
  const { threads, timing, earlier } = options;
  const engines = options.engines ?? new Engines(threads);
  try {
    const sets = await inputSets(ports, options.photographs, entry);
    row.asPublished = await agreement(engines, entry, published, artifacts, sets, {
      threads,
      timing,
      own: earlier?.asPublished?.own,
    });
    const pruned = pruneArtifacts(artifacts, options.sparsity);
    const file = await saveArtifacts(pruned, folder);
    row.pruned = await agreement(engines, entry, file, pruned, sets, {
      threads,
      timing,
      own: earlier?.pruned?.own,
    });
  } catch (error) {
    row.error = (error as Error).message.split('\n')[0]!;
    engines.close();
  } finally {
    if (options.engines === undefined) engines.close();
    await rm(folder, { recursive: true });
  }
  return row;
}
