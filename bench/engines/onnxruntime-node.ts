import { createRequire } from 'node:module';
import type * as Ort from 'onnxruntime-node';
import type { ProductCase } from '../cases/product-case.ts';
import { modelFile, readInput } from '../cases/product-files.ts';
import type { Engine } from '../runner/engine.ts';

const require = createRequire(import.meta.url);

/** The addon behind `onnxruntime-node`: its package wraps this synchronous call into a promise and a turn of the event loop. */
interface Binding {
  listSupportedBackends(): unknown;
  InferenceSession: new () => {
    loadModel(path: string, options: object): void;
    run(
      feeds: Record<string, Ort.Tensor>,
      fetches: Record<string, Ort.Tensor | null>,
      options: object,
    ): unknown;
    dispose(): void;
  };
}

/** ONNX Runtime by its Node addon, called directly, with an output that is reused: its fastest way from JavaScript. */
export const onnxruntimeNode: Engine<ProductCase> = {
  name: 'onnxruntime-node',
  async prepare(work) {
    let ort: typeof Ort;
    try {
      ort = require('onnxruntime-node');
    } catch (error) {
      return { unavailable: `onnxruntime-node does not load: ${(error as Error).message}` };
    }
    const { binding, initOrt } = require('onnxruntime-node/dist/binding') as {
      binding: Binding;
      initOrt: () => void;
    };
    initOrt();
    const session = new binding.InferenceSession();
    session.loadModel(modelFile(work.folder), {
      intraOpNumThreads: work.threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    });
    const y = new Float32Array(work.m * work.n);
    const feeds = { x: new ort.Tensor('float32', readInput(work), [work.m, work.k]) };
    const fetches = { y: new ort.Tensor('float32', y, [work.m, work.n]) };
    return {
      run() {
        session.run(feeds, fetches, {});
        return y;
      },
      facts: () => ({
        version: require('onnxruntime-node/package.json').version,
        binding: 'its addon, without the promise',
      }),
      dispose: () => session.dispose(),
    };
  },
};
