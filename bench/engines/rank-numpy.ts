import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { numpyPath } from '../../scripts/setup/python-numpy.ts';
import { asWords, normalWeights, type RankCase } from '../cases/rank-case.ts';
import type { Engine, Prepared } from '../runner/engine.ts';

const script = fileURLToPath(new URL('./rank_numpy.py', import.meta.url));

/**
 * NumPy in a Python process of its own (which inherits this process's core): `abs`, `partition`, a comparison. One byte
 * through a pipe asks for a mask and one comes back; the weights and the masks stay in Python.
 */
function start(python: string, pythonPath: string, work: RankCase, folder: string): Prepared {
  const file = (name: string) => path.join(folder, name);
  writeFileSync(file('weights'), normalWeights(work.weights, work.seed));
  spawnSync('mkfifo', [file('requests'), file('replies')]);
  const args = [script, file('weights'), String(work.kept), file('mask'), file('requests'), file('replies')];
  const child = spawn(python, args, {
    env: { ...process.env, PYTHONPATH: pythonPath },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const requests = openSync(file('requests'), 'w');
  const replies = openSync(file('replies'), 'r');
  const answer = Buffer.alloc(16);
  readSync(replies, answer, 0, 16, null);
  const version = answer.toString('latin1').trim();
  const first = asWords(readFileSync(file('mask')));
  return {
    run() {
      writeSync(requests, '?');
      if (readSync(replies, answer, 0, 1, null) !== 1) throw new Error('numpy partition: Python ended');
      return first;
    },
    facts: () => ({ numpy: version }),
    dispose() {
      closeSync(requests);
      closeSync(replies);
      child.unref();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const rankNumpy: Engine<RankCase> = {
  name: 'numpy partition',
  async prepare(work) {
    const found = numpyPath();
    if ('unavailable' in found) return found;
    const python = process.env.PYTHON ?? 'python3';
    // Opening a pipe waits for the other end: so first see that Python gets that far.
    const probe = spawnSync(python, ['-c', 'import numpy'], {
      env: { ...process.env, PYTHONPATH: found.path },
    });
    if (probe.status !== 0) return { unavailable: `${python} cannot import NumPy from ${found.path}` };
    return start(python, found.path, work, mkdtempSync(path.join(os.tmpdir(), 'rank-')));
  },
};
