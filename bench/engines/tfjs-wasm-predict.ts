import { createRequire } from 'node:module';
import path from 'node:path';
import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { artifactsOf, inputOf } from '../cases/artifacts.ts';
import type { ModelCase } from '../cases/model-case.ts';
import type { Engine } from '../runner/engine.ts';
import { predictCall } from './predict.ts';

async function useWasm(): Promise<void> {
  if (tf.getBackend() === 'wasm') return;
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${path.dirname(entry)}/`);
  await tf.setBackend('wasm');
  await tf.ready();
}

/** `model.predict` on TF.js's WebAssembly backend: SIMD, one thread (it never uses more under Node). */
export const tfjsWasmPredict: Engine<ModelCase> = {
  name: 'tfjs-wasm predict',
  async prepare(work) {
    await useWasm();
    const artifacts = await artifactsOf(work.model);
    const model = await loadLayersModel(tf.io.fromMemory(artifacts));
    const x = await inputOf(work, artifacts.inputShape);
    return {
      run: predictCall(tf, model, x, work.batch, artifacts.inputShape),
      facts: () => ({ 'tfjs-wasm': version_wasm }),
      dispose: () => model.dispose(),
    };
  },
};
