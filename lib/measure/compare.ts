import type { ModelSource } from '../io/model-source.ts';
import { readArtifacts } from '../io/read-artifacts.ts';
import { throwIfAborted } from '../native/abort.ts';
import { nativeInfo } from '../native/info.ts';
import { compareBatch, notTimed } from './compare-batch.ts';
import { checkOptions } from './compare-options.ts';
import type { CompareEngine, CompareOptions, Comparison, ComparisonRow } from './comparison.ts';
import { isNotRun, type LoadEngine, type LoadedEngine } from './engine.ts';
import { onnxruntime } from './engines/onnxruntime.ts';
import { session, sessionDense } from './engines/session.ts';
import { tfjsNode, tfjsWasm } from './engines/tfjs.ts';
import { readInputs } from './inputs.ts';

const loaders: Readonly<Record<CompareEngine, LoadEngine>> = {
  session,
  'session-dense': sessionDense,
  'tfjs-node': tfjsNode,
  'tfjs-wasm': tfjsWasm,
  onnxruntime,
};

/** Whom the others are compared with: the first of these that runs. */
const baselines: readonly CompareEngine[] = [
  'tfjs-node',
  'tfjs-wasm',
  'onnxruntime',
  'session-dense',
  'session',
];

/**
 * The product's own benchmark: one model, dense against sparse, on this machine. Every engine gets the same
 * inputs; outputs are compared first, and an engine with other outputs is not timed; then the engines take
 * turns, one sample each. An engine that is not installed gives a row that says so.
 *
 * @param model - path of a model.json, artifacts, or a live model; sizes after the batch must be known
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` for an option out of range, `ERR_SPARSE_SHAPE` for an input of
 *   unknown size, `ERR_SPARSE_ABORTED` when the signal is aborted, and whatever `compile` throws
 */
export async function compare(model: ModelSource, options: CompareOptions = {}): Promise<Comparison> {
  const { engines, batch, threads, seconds } = checkOptions(options);
  const { signal, onProgress } = options;
  throwIfAborted('compare', signal);
  const artifacts = await readArtifacts(model);
  const inputs = await readInputs(model);
  const loaded = new Map<CompareEngine, LoadedEngine>();
  const notes = new Map<CompareEngine, string>();
  const rows: ComparisonRow[] = [];
  try {
    for (const engine of engines) {
      const made = await loaders[engine]({ source: model, artifacts, batch, threads });
      if (isNotRun(made)) notes.set(engine, made.note);
      else loaded.set(engine, made);
      throwIfAborted('compare', signal);
    }
    const baseline = baselines.find((name) => loaded.has(name));
    for (const [done, size] of batch.entries()) {
      const found = await compareBatch(size, loaded, baseline, inputs, {
        seconds,
        signal,
        onRound: (share) => onProgress?.(done + share, batch.length),
      });
      for (const engine of engines)
        rows.push(found.get(engine) ?? notTimed(engine, size, notes.get(engine) ?? 'did not run'));
      onProgress?.(done + 1, batch.length);
    }
    return { environment: environment(loaded, baseline, threads), rows };
  } finally {
    // Backwards: each puts back the TF.js backend that it found.
    for (const engine of [...loaded.values()].reverse()) await engine.dispose();
  }
}

function environment(
  loaded: ReadonlyMap<CompareEngine, LoadedEngine>,
  baseline: CompareEngine | undefined,
  threads: number,
): Comparison['environment'] {
  const { cpu, cores, isa, version } = nativeInfo();
  const versions = Object.assign({}, ...[...loaded.values()].map((engine) => engine.versions ?? {}));
  return {
    cpu: cpu.trim(),
    cores,
    isa,
    threads,
    node: process.version,
    'tfjs-sparse': version,
    ...versions,
    baseline: baseline ?? 'none',
    date: new Date().toISOString(),
  };
}
