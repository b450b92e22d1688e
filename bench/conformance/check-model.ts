import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compile, SparseError, UnsupportedLayerError } from '../../lib/index.ts';
import type { Artifacts } from '../../lib/io/artifacts.ts';
import { readArtifacts } from '../../lib/io/read-artifacts.ts';
import type { TurnsOptions } from '../../lib/measure/turns.ts';
import type { TensorInfo } from '../../lib/session/ports.ts';
import type { WholeModelCase } from '../cases/whole-model-case.ts';
import type { CatalogueEntry } from './catalogue.ts';
import { costsOf } from './costs.ts';
import { describeInputs, type InputSet, inputSets } from './inputs.ts';
import { type Engines, measure, startEngines } from './measure.ts';
import type { Photograph } from './photographs.ts';
import { countParameters, pruneArtifacts, saveArtifacts } from './prune-model.ts';
import type { Agreement, ConformanceRow } from './result.ts';

export interface CheckOptions {
  photographs: readonly Photograph[];
  /** Share of zeros of the pruned run. */
  sparsity: number;
  threads?: number;
  timing?: TurnsOptions;
}

/** What a session says about itself, taken from one that is compiled here and disposed at once. */
async function profile(file: string) {
  const session = await compile(file);
  const { inputs, outputs } = session;
  const description = session.describe(1);
  session.dispose();
  const { steps, weightBytes, arenaBytes } = description;
  return {
    inputs,
    outputs,
    facts: { steps: steps.length, weightBytes, arenaBytes, costs: costsOf(description) },
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

const lengthOf = ({ shape }: TensorInfo) => shape.reduce<number>((size, d) => size * (d ?? 1), 1);

async function agreement(
  engines: Engines,
  entry: CatalogueEntry,
  file: string,
  artifacts: Artifacts,
  sets: InputSet[],
  { timing, threads = 1 }: CheckOptions,
): Promise<Agreement> {
  const { inputs, outputs, facts } = await profile(file);
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
    threads,
  };
  const parts = outputs.map((port) => ({ name: port.name, length: lengthOf(port) }));
  const { limit, classifier = false } = entry;
  const measured = await measure(engines, work, { parts, limit, classifier, timing });
  return { zeros: countParameters(artifacts).zeros, ...measured, ...facts };
}

/** One model: as published, then pruned. What fails is in the row, not thrown. */
export async function checkModel(
  entry: CatalogueEntry,
  group: string,
  options: CheckOptions,
): Promise<ConformanceRow> {
  const { model, source, kind } = entry;
  const artifacts = await readArtifacts(entry.path);
  const row: ConformanceRow = {
    model,
    group,
    source,
    kind,
    parameters: countParameters(artifacts).parameters,
  };
  let ports: readonly TensorInfo[];
  try {
    ports = (await profile(entry.path)).inputs;
  } catch (error) {
    const why = refusalOf(error);
    return { ...row, refused: { why: entry.refusal ?? why, expected: entry.refusal !== undefined } };
  }
  row.inputs = describeInputs(ports, entry);
  const folder = await mkdtemp(path.join(tmpdir(), 'tfjs-sparse-conformance-'));
  const engines = startEngines(options.threads);
  try {
    const sets = await inputSets(ports, options.photographs, entry);
    row.asPublished = await agreement(engines, entry, entry.path, artifacts, sets, options);
    const pruned = pruneArtifacts(artifacts, options.sparsity);
    const file = await saveArtifacts(pruned, folder);
    row.pruned = await agreement(engines, entry, file, pruned, sets, options);
  } catch (error) {
    row.error = (error as Error).message.split('\n')[0]!;
  } finally {
    for (const engine of Object.values(engines)) engine.close();
    await rm(folder, { recursive: true });
  }
  return row;
}
