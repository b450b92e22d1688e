import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { compile } from '../../lib/index.ts';
import { getSparsity, sizeReport } from '../../lib/pruning.ts';
import { tf } from '../engines/load-tfjs-node.ts';
import { accuracyOf, agreement, classes } from './agreement.ts';
import type { Images } from './mnist.ts';
import { imageShape } from './networks.ts';
import type { DemoModel, KernelSparsity, ModelJob } from './result.ts';

/** Outputs of a session for all images, 256 at a time. */
async function sessionOutputs(
  file: string,
  sparse: 'never' | 'always',
  images: Images,
): Promise<Float32Array> {
  const session = await compile(file, { sparse, batch: [256] });
  const outputs = new Float32Array(images.count * classes);
  for (let first = 0; first < images.count; first += 256) {
    const last = Math.min(first + 256, images.count);
    const part = session.run(images.pixels.subarray(first * 784, last * 784));
    outputs.set(part, first * classes);
  }
  session.dispose();
  return outputs;
}

function kernelsOf(model: LayersModel, target: number): KernelSparsity[] {
  const kernels = getSparsity(model).weights.filter((w) => w.shape.length > 1);
  return kernels.map(({ layer, name, shape, size, zeros, sparsity }) => ({
    name: name.includes('/') ? name : `${layer}/${name}`,
    shape,
    size,
    zeros,
    sparsity,
    // No kernel of the demo lies half-way between two counts, so any rounding gives this.
    expectedZeros: size - Math.round(size * (1 - target)),
  }));
}

export type Judgement = Pick<DemoModel, 'accuracy' | 'kernels' | 'sizes' | 'agreement'>;

/** Accuracy, sparsity and sizes of the model in a file, and its sessions against tfjs-node on the test images. */
export async function judge(
  job: ModelJob,
  model: LayersModel,
  file: string,
  testImages: Images,
): Promise<Judgement> {
  const saved = await tf.loadLayersModel(`file://${file}`);
  const expected = tf.tidy(() => {
    const x = tf.tensor(testImages.pixels, [testImages.count, ...imageShape[job.network]]);
    return saved.predict(x, { batchSize: 1000 }) as Tensor;
  });
  const outputs = expected.dataSync() as Float32Array;
  expected.dispose();
  const { labels } = testImages;
  const dense = agreement(outputs, await sessionOutputs(file, 'never', testImages), labels);
  const sparse = agreement(outputs, await sessionOutputs(file, 'always', testImages), labels);
  const sizes = await sizeReport(model);
  saved.dispose();
  return {
    accuracy: accuracyOf(outputs, labels),
    kernels: kernelsOf(model, job.target),
    sizes: { ...sizes, zipRatio: 1 },
    agreement: { dense, sparse },
  };
}
