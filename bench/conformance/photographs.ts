import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { photoFiles, photos } from '../../scripts/setup/models/photos.ts';

/** A picture that can be had at any size. */
export interface Photograph {
  /** Numbers from 0 to 255, row by row; one channel is the mean of the three. */
  resized(height: number, width: number, channels: number): Promise<Float32Array>;
}

/** The four photographs of the set-up; tfjs-node decodes and resizes them. */
export async function readPhotographs(): Promise<Photograph[]> {
  const folder = await photos();
  return Object.keys(photoFiles).map((name) => ({
    async resized(height, width, channels) {
      const { tf } = await import('../engines/load-tfjs-node.ts');
      const bytes = await readFile(path.join(folder, name));
      return tf.tidy(() => {
        const picture = tf.node.decodeImage(bytes, 3) as import('@tensorflow/tfjs-node').Tensor3D;
        const resized = tf.image.resizeBilinear(picture, [height, width]);
        return (channels === 3 ? resized : resized.mean(2)).dataSync<'float32'>();
      });
    },
  }));
}
