import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { zipFiles } from '../../lib/pruning/compressed-sizes.ts';

/** Saves a model as TF.js does (model.json and weights.bin, no optimizer), and both files packed as model.zip. */
export async function saveModel(model: LayersModel, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await model.save(`file://${folder}`);
  const names = ['model.json', 'weights.bin'];
  const files = names.map(async (name) => ({ name, data: await readFile(path.join(folder, name)) }));
  await writeFile(path.join(folder, 'model.zip'), await zipFiles(await Promise.all(files)));
}
