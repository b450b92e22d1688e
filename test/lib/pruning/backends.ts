import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-node';
import { afterAll, beforeAll, describe } from 'vitest';

export { tf };

/** Runs the same tests on every backend that pruning is made for. */
export function onEveryBackend(body: (backend: string) => void): void {
  onBackends(['tensorflow', 'cpu', 'wasm'], body);
}

/** Runs the same tests on some backends. */
export function onBackends(backends: readonly string[], body: (backend: string) => void): void {
  describe.each(backends)('on the %s backend', (backend) => {
    beforeAll(async () => {
      // Without it the cpu backend advises, on the console, to install another one.
      tf.enableProdMode();
      if (!(await tf.setBackend(backend))) throw new Error(`no backend ${backend}`);
    });
    afterAll(async () => {
      await tf.setBackend('tensorflow');
    });
    body(backend);
  });
}
