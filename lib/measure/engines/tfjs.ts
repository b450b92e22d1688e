import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import type * as Core from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';
import type { Artifacts, Weight } from '../../io/artifacts.ts';
import type { LoadEngine } from '../engine.ts';

const require = createRequire(import.meta.url);

/** What TF.js's `io.fromMemory` takes. */
function modelArtifacts({ topology, weights }: Artifacts): Core.io.ModelArtifacts {
  const list = [...weights.values()];
  const parts = list.map(({ name, data }: Weight) => {
    if (Array.isArray(data)) throw new Error(`weight "${name}" holds strings`);
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  });
  return {
    modelTopology: topology,
    weightSpecs: list.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
    weightData: new Uint8Array(Buffer.concat(parts)).buffer,
  };
}

/** A package by name, or a note that says what is missing. */
function load<T>(name: string): T | { note: string } {
  try {
    return require(name) as T;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'MODULE_NOT_FOUND' && message.includes(name))
      return { note: `${name} is not installed: npm install ${name}` };
    return { note: `${name} does not load: ${message.split('\n')[0]}` };
  }
}

/** tfjs-node with that many threads: TensorFlow reads the number from the environment, once, when it is loaded. */
function loadTfjsNode(threads: number): { note?: string; failed?: boolean } {
  // tfjs-node 4.22 calls helpers that Node 23 removed.
  const legacy = util as unknown as Record<string, unknown>;
  legacy.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  legacy.isArray ??= Array.isArray;
  const names = ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS'];
  const before = new Set(Object.keys(require.cache));
  const unset = names.filter((name) => process.env[name] === undefined);
  for (const name of unset) process.env[name] = String(threads);
  const found = load<object>('@tensorflow/tfjs-node');
  for (const name of unset) delete process.env[name];
  if ('note' in found) return { note: String(found.note), failed: true };
  if (!before.has(require.resolve('@tensorflow/tfjs-node'))) return {};
  if (!unset.includes(names[0]!)) return {};
  return { note: 'was loaded before with threads of its own: set TF_NUM_INTRAOP_THREADS before loading it' };
}

function loadWasm(): { note?: string; failed?: boolean } {
  const name = '@tensorflow/tfjs-backend-wasm';
  const found = load<{ setWasmPaths(folder: string): void }>(name);
  if ('note' in found) return { note: found.note, failed: true };
  found.setWasmPaths(`${path.dirname(require.resolve(name))}/`);
  return {};
}

function tfjsEngine(backend: 'tensorflow' | 'wasm'): LoadEngine {
  return async ({ artifacts, threads }) => {
    const { note, failed } = backend === 'wasm' ? loadWasm() : loadTfjsNode(threads);
    if (failed) return { note: note! };
    const core = load<typeof Core>('@tensorflow/tfjs-core');
    if ('note' in core) return core;
    const layers = load<typeof Layers>('@tensorflow/tfjs-layers');
    if ('note' in layers) return layers;
    const users = core.getBackend();
    const activate = async () => {
      if (core.getBackend() !== backend) await core.setBackend(backend);
    };
    await activate();
    let model: Layers.LayersModel;
    try {
      model = await layers.loadLayersModel(core.io.fromMemory(modelArtifacts(artifacts)));
    } catch (error) {
      await core.setBackend(users);
      return { note: `TensorFlow.js cannot load the model: ${(error as Error).message}` };
    }
    return {
      activate,
      call(inputs, shapes) {
        const batchSize = shapes[0]![0]!;
        return () => {
          const xs = inputs.map((x, i) =>
            core.tensor(x, [...shapes[i]!], x instanceof Float32Array ? 'float32' : 'int32'),
          );
          // Without its size, predict would cut the batch into pieces of 32 and be up to three times slower.
          const result = model.predict(xs.length === 1 ? xs[0]! : xs, { batchSize });
          const ys = Array.isArray(result) ? result : [result];
          const values = ys.map((y) => y.dataSync() as Float32Array | Int32Array);
          core.dispose([...xs, ...ys]);
          return values;
        };
      },
      versions: { tfjs: core.version_core },
      note,
      async dispose() {
        await activate();
        model.dispose();
        if (users && users !== backend) await core.setBackend(users);
      },
    };
  };
}

/** `predict` on the native TensorFlow backend. */
export const tfjsNode = tfjsEngine('tensorflow');
/** `predict` on the WebAssembly backend; one thread, whatever is asked for: under Node it never uses more. */
export const tfjsWasm = tfjsEngine('wasm');
