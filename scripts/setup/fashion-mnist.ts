import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { cacheFolder } from './cache.ts';
import { capture, say } from './process.ts';

/** Debian's package of Fashion-MNIST (MIT licence). */
const packageName = 'dataset-fashion-mnist';

/** Its four files and their MD5, unpacked. */
export const fashionMnistFiles = {
  train: {
    images: ['train-images-idx3-ubyte', 'f4a8712d7a061bf5bd6d2ca38dc4d50a'],
    labels: ['train-labels-idx1-ubyte', '9018921c3c673c538a1fc5bad174d6f9'],
  },
  test: {
    images: ['t10k-images-idx3-ubyte', '8181f5470baa50b63fa0f6fddb340f0a'],
    labels: ['t10k-labels-idx1-ubyte', '15d484375f8d13e6eb1aabb0c3f46965'],
  },
} as const;

const everyFile = Object.values(fashionMnistFiles).flatMap((set) => Object.values(set));
const folder = () => path.join(cacheFolder(), 'fashion-mnist');
const isComplete = () => everyFile.every(([name]) => existsSync(path.join(folder(), name)));

/** Downloads the package into a folder and unpacks it there, without installing it. @returns where its files are */
function unpackPackage(aside: string): string {
  const download = () => capture(['apt-get', 'download', '-qq', packageName], { cwd: aside });
  let done = download();
  if (done.status !== 0 && process.getuid?.() === 0) {
    capture(['apt-get', 'update', '-qq']); // a fresh machine has no package lists
    done = download();
  }
  const archive = readdirSync(aside).find((name) => name.endsWith('.deb'));
  if (archive === undefined) {
    throw new Error(
      `Fashion-MNIST: apt-get could not download ${packageName}: ${done.stderr.trim() || 'is this Debian or Ubuntu?'}\n` +
        `Put its four files, unpacked, into ${folder()} yourself: ${everyFile.map(([name]) => name).join(', ')}.`,
    );
  }
  const unpacked = capture(['dpkg-deb', '-x', path.join(aside, archive), aside]);
  if (unpacked.status !== 0) throw new Error(`Fashion-MNIST: dpkg-deb failed: ${unpacked.stderr.trim()}`);
  return path.join(aside, 'usr', 'share', 'datasets', 'fashion-mnist');
}

/** Fills the cache aside and renames at the end, so that a crash or a second process leaves nothing half done. */
function fillCache(): void {
  say('fashion-mnist', `downloading Debian's ${packageName} (31 MB, once for this user)`);
  mkdirSync(cacheFolder(), { recursive: true });
  const aside = mkdtempSync(`${folder()}.part-`);
  const files = path.join(aside, 'files');
  try {
    const source = unpackPackage(aside);
    mkdirSync(files);
    for (const [name, md5] of everyFile) {
      const bytes = gunzipSync(readFileSync(path.join(source, `${name}.gz`)));
      const found = createHash('md5').update(bytes).digest('hex');
      if (found !== md5) throw new Error(`Fashion-MNIST: ${name}: MD5 is ${found}, expected ${md5}`);
      writeFileSync(path.join(files, name), bytes);
    }
    rmSync(folder(), { recursive: true, force: true });
    renameSync(files, folder());
  } catch (error) {
    if (!isComplete()) throw error;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/**
 * The folder with Fashion-MNIST's files, downloaded into this user's cache at the first call.
 *
 * @throws Error that says what to do, where there is no apt or no network
 */
export function fashionMnistFolder(): string {
  if (!isComplete()) fillCache();
  return folder();
}
