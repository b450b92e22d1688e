import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../helpers/random.ts';
import { temporaryFolder } from '../../../helpers/temp-folder.ts';

const at = temporaryFolder();
const script = path.join(import.meta.dirname, 'resumed-training.ts');
const steps = 14;

/**
 * Runs the training until it ends, or kills it at some moment after `killAfter` steps.
 *
 * @returns the steps that it reported, and the digest if it came to its end
 */
function run(backend: string, variant: string, file: string, random?: Random) {
  const args = ['--import', import.meta.resolve('tsx'), script, backend, variant, file, String(steps)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const killAfter = random?.integer(1, 4);
  let output = '';
  let done = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const reported = output.split('\n').filter((line) => line.startsWith('step ')).length;
    if (random && done < killAfter! && reported >= killAfter!)
      setTimeout(() => child.kill('SIGKILL'), random.next() * 12);
    done = reported;
  });
  return new Promise<{ signal: string | null; first: string; digest: string | undefined }>((resolve) => {
    child.on('close', (_code, signal) => {
      const lines = output.split('\n');
      resolve({ signal, first: lines[0]!, digest: lines.find((line) => line.startsWith('digest')) });
    });
  });
}

describe.each([
  ['cpu', 'global'],
  ['wasm', 'movement'],
  ['cpu', 'set'],
  ['tensorflow', 'rigl'],
  ['tensorflow', 'zhou'],
])('a training on the %s backend, pruned by %s,', (backend, variant) => {
  it('killed at any moment and resumed ends with the same bits', { timeout: 240_000 }, async () => {
    const random = new Random();
    const file = at(`${backend}-${variant}.safetensors`);
    const kills: string[] = [];
    // Two cores: the training that nobody kills beside the first one that is.
    const [whole, firstRun] = await Promise.all([
      run(backend, variant, at(`${backend}-${variant}-whole.safetensors`)),
      run(backend, variant, file, random),
    ]);
    expect(whole.digest).toMatch(/^digest [0-9a-f]{64}$/);
    let last = firstRun;
    while (last.signal === 'SIGKILL' && kills.length < 2) {
      kills.push(last.first);
      last = await run(backend, variant, file, kills.length < 2 ? random : undefined);
    }
    const seed = `SEED=${random.seed}`;
    expect(kills.length, seed).toBe(2);
    // Each run began after the one before it, and the last one not at the first step.
    expect(kills[0], seed).toBe('step 1');
    expect([kills[1], last.first], seed).not.toContain('step 1');
    expect(last.digest, seed).toBe(whole.digest);
  });
});
