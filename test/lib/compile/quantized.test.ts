import { mkdir, readFile, writeFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { expectSameAsTfjs, randomizeWeights } from '../../helpers/against-tfjs.ts';
import { articleCnn } from '../../helpers/models.ts';
import { Random } from '../../helpers/random.ts';
import { temporaryFolder } from '../../helpers/temp-folder.ts';

const inFolder = temporaryFolder();

interface Manifest {
  paths: string[];
  weights: { name: string; shape: number[]; dtype: string; quantization?: object }[];
}

/** Float32 to half precision for numbers of ordinary size, cutting what does not fit. */
function toHalf(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), -14);
  const fraction = Math.floor((Math.abs(value) / 2 ** exponent - 1) * 1024);
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | Math.max(fraction, 0);
}

/** Rewrites a saved model as the converter quantizes it, its weights in files of 1,000 bytes. */
async function quantize(folder: string, type: 'uint8' | 'uint16' | 'float16'): Promise<void> {
  const json = JSON.parse(await readFile(inFolder(folder, 'model.json'), 'utf8'));
  const [group] = json.weightsManifest as [Manifest];
  const bytes = await readFile(inFolder(folder, group.paths[0]!));
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const spec of group.weights) {
    const size = spec.shape.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length: size }, (_, i) => bytes.readFloatLE(offset + 4 * i));
    offset += 4 * size;
    if (type === 'float16') {
      spec.quantization = { dtype: type };
      parts.push(new Uint8Array(Uint16Array.from(values, toHalf).buffer));
      continue;
    }
    const levels = type === 'uint8' ? 255 : 65_535;
    const min = Math.min(...values, -1e-3);
    const scale = (Math.max(...values, 1e-3) - min) / levels;
    spec.quantization = { dtype: type, scale, min };
    const stored = values.map((value) => Math.round((value - min) / scale));
    parts.push(
      new Uint8Array((type === 'uint8' ? Uint8Array.from(stored) : Uint16Array.from(stored)).buffer),
    );
  }
  const all = Buffer.concat(parts);
  group.paths = [];
  for (let start = 0; start < all.length; start += 1000) {
    const name = `group1-shard${group.paths.length + 1}.bin`;
    group.paths.push(name);
    await writeFile(inFolder(folder, name), all.subarray(start, start + 1000));
  }
  await writeFile(inFolder(folder, 'model.json'), JSON.stringify(json));
}

describe('a quantized model', () => {
  it.each(['uint8', 'uint16', 'float16'] as const)(
    'of %s in many files equals what TensorFlow.js loads',
    async (type) => {
      const random = new Random();
      const original = articleCnn('softmax');
      randomizeWeights(original, random);
      await mkdir(inFolder(type), { recursive: true });
      await original.save(`file://${inFolder(type)}`);
      await quantize(type, type);
      const loaded = await tf.loadLayersModel(`file://${inFolder(type, 'model.json')}`);
      await expectSameAsTfjs(loaded, random, inFolder(type, 'model.json'));
      // The weights themselves, bit for bit.
      const fromLive = await expectSameAsTfjs(loaded, random);
      const fromFile = await expectSameAsTfjs(loaded, random, inFolder(type, 'model.json'));
      expect(fromFile.tensors).toEqual(fromLive.tensors);
    },
  );
});
