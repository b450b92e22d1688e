// The union package: its cpu backend, and the chained methods that some initializers of tfjs-layers call.
import * as tf from '@tensorflow/tfjs';

/** Plain JavaScript, the same everywhere: vectors must not hang on a machine's instructions. */
export async function useCpuBackend(): Promise<void> {
  // Without it the backend advises, on the console, to install another one.
  tf.enableProdMode();
  await tf.setBackend('cpu');
}
