import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-node';
import { afterAll, beforeAll, describe } from 'vitest';

export { tf };

/** Runs the same tests on every backend that pruning is made for. */
export function onEveryBackend(body: (backend: string) => void): void {
  describe.each(['tensorflow', 'cpu', 'wasm'])('on the %s backend', (backend) => {
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
