import { spawn } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { lotteryTicket } from '../../../../lib/pruning.ts';
import { temporaryFolder } from '../../../helpers/temp-folder.ts';
import { recordsOf, tinyStudy } from './problem.ts';

const temporary = temporaryFolder();

/** Kills a study's process, with no warning, once it has printed so many records. */
function killAfter(records: number, folder: string): Promise<NodeJS.Signals | null> {
  const file = path.join(import.meta.dirname, 'endless-child.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', file, folder], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let seen = 0;
  child.stdout.on('data', (text: Buffer) => {
    seen += text.toString().split('record').length - 1;
    if (seen >= records) child.kill('SIGKILL');
  });
  return new Promise((resolve) => child.on('exit', (_, signal) => resolve(signal)));
}

it('goes on in another process after kill -9, to the same records', { timeout: 180_000 }, async () => {
  const plain = await recordsOf(lotteryTicket({ ...tinyStudy(), sparsity: 0.75, rounds: 3 }));
  for (const records of [1, 9]) {
    const folder = temporary(`killed-${records}`);
    expect(await killAfter(records, folder)).toBe('SIGKILL');
    expect(await recordsOf(lotteryTicket({ ...tinyStudy(), sparsity: 0.75, rounds: 3, folder }))).toEqual(
      plain,
    );
  }
});
