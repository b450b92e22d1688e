import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { cachedFolder } from '../cached-folder.ts';
import { type NpmPackage, unpackNpmPackage } from '../npm-package.ts';

const source: NpmPackage = {
  spec: 'nsfwjs@4.4.0',
  integrity:
    'sha512-krC1fgeTLXtZwgdpKJ0jm7hqv0gTSRQQRL+FhOaxaJ9Wj92t42BO3csO2odwgTAgZgf2RvkwPtp0R8Aa7dc+MA==',
};

/** Folders of the models in the package. */
export const nsfwjsNames = ['mobilenet_v2', 'mobilenet_v2_mid', 'inception_v3'] as const;

const bundle = '.min.js';

/** What a bundle exports: the object of a model.json, or the bytes of a weight file in base64. */
function exported(file: string): unknown {
  const module = { exports: undefined as unknown };
  // A bundle is data written as a program: it gets a `module` to fill and nothing else.
  runInNewContext(readFileSync(file, 'utf8'), { module, exports: {} }, { filename: file });
  return module.exports;
}

/** The bundles of one model as the files that TF.js saves. */
function unpackBundles(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const file of readdirSync(from)) {
    if (!file.endsWith(bundle)) continue;
    const name = file.slice(0, -bundle.length);
    const value = exported(path.join(from, file));
    if (name === 'model') writeFileSync(path.join(to, 'model.json'), JSON.stringify(value));
    else if (typeof value === 'string') writeFileSync(path.join(to, name), Buffer.from(value, 'base64'));
    else throw new Error(`${source.spec}: ${file} holds a ${typeof value}, expected base64`);
  }
}

/** The folder with nsfwjs's three models, {@link nsfwjsNames}: a model.json in each. */
export function nsfwjsModels(): Promise<string> {
  return cachedFolder(path.join('models', 'nsfwjs-4.4.0'), (folder) => {
    const unpacked = unpackNpmPackage(source, folder);
    const models = path.join(unpacked, 'dist', 'models');
    for (const name of nsfwjsNames) unpackBundles(path.join(models, name), path.join(folder, name));
    copyFileSync(path.join(unpacked, 'LICENSE'), path.join(folder, 'LICENSE'));
    rmSync(unpacked, { recursive: true });
  });
}
