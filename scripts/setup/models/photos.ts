import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cachedFolder } from '../cached-folder.ts';
import { capture, say } from '../process.ts';
import { ensureSystemPackages, pip } from '../system-packages.ts';

const wheel = {
  spec: 'scikit-image==0.26.0',
  sha256: '74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af',
};

/** Free photographs that scikit-image ships, with the SHA-256 of each: a face, a cat, a cup, a rocket. */
export const photoFiles = {
  'astronaut.png': '88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5',
  'chelsea.png': '596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb',
  'coffee.png': 'cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7',
  'rocket.jpg': 'c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c',
} as const;

/** A program of Python: archive, member, and the file to write. */
const copyMember =
  'import sys, zipfile; open(sys.argv[3], "wb").write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))';

const python = () => process.env.PYTHON ?? 'python3';

/** The folder with {@link photoFiles}, out of scikit-image's wheel, which is downloaded by pip and not installed. */
export function photos(): Promise<string> {
  return cachedFolder('photos-scikit-image-0.26.0', (folder) => {
    ensureSystemPackages([pip]);
    say('models', `downloading the photographs of ${wheel.spec} by pip (14 MB, once for this user)`);
    const requirements = path.join(folder, 'requirements.txt');
    writeFileSync(requirements, `${wheel.spec} --hash=sha256:${wheel.sha256}\n`);
    const target = ['--implementation', 'cp', '--python-version', '3.11', '--abi', 'cp311'];
    for (const tag of ['manylinux_2_24_x86_64', 'manylinux_2_28_x86_64']) target.push('--platform', tag);
    const quiet = ['-q', '--no-cache-dir', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:'];
    const command = [
      python(),
      '-m',
      'pip',
      'download',
      ...quiet,
      ...target,
      '-d',
      folder,
      '-r',
      requirements,
    ];
    const done = capture(command);
    const file = readdirSync(folder).find((name) => name.endsWith('.whl'));
    if (done.status !== 0 || file === undefined)
      throw new Error(`${wheel.spec}: pip could not download it: ${done.stderr.trim()}`);
    const archive = path.join(folder, file);
    for (const [name, sha256] of Object.entries(photoFiles)) {
      const to = path.join(folder, name);
      const unpacked = capture([python(), '-c', copyMember, archive, `skimage/data/${name}`, to]);
      if (unpacked.status !== 0) throw new Error(`${name}: ${unpacked.stderr.trim()}`);
      const found = createHash('sha256').update(readFileSync(to)).digest('hex');
      if (found !== sha256) throw new Error(`${name}: SHA-256 is ${found}, expected ${sha256}`);
    }
    rmSync(archive);
    rmSync(requirements);
  });
}
