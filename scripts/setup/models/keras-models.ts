import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { cachedFolder } from '../cached-folder.ts';
import { capture, root, say } from '../process.ts';

const here = path.join(root, 'scripts', 'setup', 'models');
const requirements = path.join(here, 'keras-requirements.txt');
const program = path.join(here, 'keras_models.py');

/** The networks of keras.applications that are converted, by the name of their class. */
export const kerasNetworks = ['ResNet50', 'EfficientNetB0', 'MobileNetV3Small', 'DenseNet121'] as const;

const shortHash = (...files: string[]) => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
};

/** The packages as a folder for PYTHONPATH: a virtual environment could not be renamed. */
function converter(python: string): Promise<string> {
  return cachedFolder(`keras-converter-${shortHash(requirements)}`, (folder) => {
    say('models', "installing TF.js's converter and TensorFlow by pip (1 GB, once for this user)");
    const flags = ['-q', '--no-deps', '--only-binary=:all:', '--no-cache-dir', '--disable-pip-version-check'];
    const command = [python, '-m', 'pip', 'install', ...flags, '--require-hashes', '--target', folder];
    const done = capture([...command, '-r', requirements], { env: { PIP_ROOT_USER_ACTION: 'ignore' } });
    if (done.status !== 0) throw new Error(`pip: ${done.stderr.trim().split('\n').at(-1)}`);
  });
}

/** A Python of the version that the pinned packages are for. @throws Error that says which */
function python311(): string {
  for (const name of [process.env.PYTHON ?? 'python3', 'python3.11']) {
    const found = capture([name, '-c', 'import sys; print(sys.version_info[:2] == (3, 11))']);
    if (found.stdout.trim() === 'True') return name;
  }
  throw new Error('there is no Python 3.11: set PYTHON to one');
}

/**
 * The folder of one network with `layers/model.json` and `graph/model.json`, made by the converter in about a minute. The
 * weights are random ones from a fixed seed: trained ones are not on PyPI.
 *
 * @throws Error where there is no Python 3.11, no pip or no network
 */
export function kerasModel(network: (typeof kerasNetworks)[number]): Promise<string> {
  const name = `keras-${shortHash(requirements, program)}-${network}`;
  return cachedFolder(path.join('models', name), async (folder) => {
    const python = python311();
    const packages = await converter(python);
    say('models', `converting ${network}`);
    const env = { PYTHONPATH: packages, TF_CPP_MIN_LOG_LEVEL: '2', CUDA_VISIBLE_DEVICES: '' };
    const done = capture([python, program, network, folder], { env });
    const made = ['layers', 'graph'].every((kind) => existsSync(path.join(folder, kind, 'model.json')));
    if (done.status !== 0 || !made) throw new Error(`${network}: ${done.stderr.trim().slice(-2000)}`);
  });
}
