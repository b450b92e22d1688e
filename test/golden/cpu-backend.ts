import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

/** Plain JavaScript, the same everywhere: vectors must not hang on a machine's instructions. */
export async function useCpuBackend(): Promise<void> {
  // Without it the backend advises, on the console, to install another one.
  tf.enableProdMode();
  await tf.setBackend('cpu');
}
