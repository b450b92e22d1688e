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
  const read = (part: 'train' | 'test') =>
    set === 'MNIST'
      ? readMnist(part, counts[part])
      : readImages(fashionMnistFolder(), fashionMnistFiles[part], counts[part]);
  const [train, test] = [await read('train'), await read('test')];
  return { data: asExamples(train, inputShape), validation: asExamples(test, inputShape) };
}
