import { mkdir, writeFile } from 'node:fs/promises';

type Json = Record<string, unknown>;

/** A small model of either kind, with the weights that it needs, in order. */
export interface SmallModel {
  topology: Json;
  weights: { name: string; shape: number[]; dtype: string; quantization?: Json }[];
}

/** x [3] · kernel + bias, as a LayersModel and as a GraphModel. */
export const smallModels: Readonly<Record<'LayersModel' | 'GraphModel', () => SmallModel>> = {
  LayersModel: () => ({
    topology: {
      class_name: 'Sequential',
      config: {
        name: 'model',
        layers: [{ class_name: 'Dense', config: { name: 'd', units: 2, batch_input_shape: [null, 3] } }],
      },
    },
    weights: [
      { name: 'd/kernel', shape: [3, 2], dtype: 'float32' },
      { name: 'd/bias', shape: [2], dtype: 'float32' },
    ],
  }),
  GraphModel: () => ({
    topology: {
      node: [
        placeholder,
        { name: 'd/kernel', op: 'Const', attr: {} },
        { name: 'd/bias', op: 'Const', attr: {} },
        { name: 'sums', op: 'MatMul', input: ['x', 'd/kernel'], attr: {} },
        { name: 'y', op: 'BiasAdd', input: ['sums', 'd/bias'], attr: {} },
      ],
    },
    weights: [
      { name: 'd/kernel', shape: [3, 2], dtype: 'float32' },
      { name: 'd/bias', shape: [2], dtype: 'float32' },
    ],
  }),
};

/** x [batch, 3] */
const placeholder = {
  name: 'x',
  op: 'Placeholder',
  attr: {
    dtype: { type: 'DT_FLOAT' },
    shape: { shape: { dim: [{ size: '-1' }, { size: '3' }] } },
  },
};

/** Writes files into a folder, and a model.json of the rest. @returns the path of model.json */
export async function writeModelFolder(
  folder: string,
  model: object | string,
  files: Readonly<Record<string, Uint8Array>> = {},
): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(`${folder}/${name}`, bytes);
  await writeFile(`${folder}/model.json`, typeof model === 'string' ? model : JSON.stringify(model));
  return `${folder}/model.json`;
}
