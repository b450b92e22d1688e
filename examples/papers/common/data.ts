import { type Images, readImages, readMnist } from '../../../bench/demo/mnist.ts';
import { fashionMnistFiles, fashionMnistFolder } from '../../../scripts/setup/fashion-mnist.ts';

/** Which images. Both sets have 60,000 to train and 10,000 to test, in ten classes. */
export type ImageSet = 'MNIST' | 'Fashion-MNIST';

/** Images and one-hot labels as the studies take them. */
export interface Examples {
  xs: { values: Float32Array; shape: number[] };
  ys: { values: Float32Array; shape: number[] };
}

function asExamples({ count, pixels, labels }: Images, inputShape: readonly number[]): Examples {
  const hot = new Float32Array(10 * count);
  for (let i = 0; i < count; i++) hot[10 * i + labels[i]!] = 1;
  return {
    xs: { values: pixels, shape: [count, ...inputShape] },
    ys: { values: hot, shape: [count, 10] },
  };
}

/** How many images of each part are used. */
export interface Counts {
  train: number;
  test: number;
}

/** The first images of one part of a set. */
export function readImageSet(set: ImageSet, part: 'train' | 'test', count: number): Promise<Images> {
  if (set === 'MNIST') return readMnist(part, count);
  return readImages(fashionMnistFolder(), fashionMnistFiles[part], count);
}

/**
 * The first images of a set.
 *
 * @param inputShape - of one image: [784] or [28, 28, 1]
 */
export async function readExamples(
  set: ImageSet,
  counts: Counts,
  inputShape: readonly number[] = [784],
): Promise<{ data: Examples; validation: Examples }> {
  const train = await readImageSet(set, 'train', counts.train);
  const test = await readImageSet(set, 'test', counts.test);
  return { data: asExamples(train, inputShape), validation: asExamples(test, inputShape) };
}
