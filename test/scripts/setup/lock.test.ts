import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { exclusively } from '../../../scripts/setup/lock.ts';
import { root } from '../../../scripts/setup/process.ts';
import { makeTree } from '../../helpers/tree.ts';

it('lets one process at a time into the task', async () => {
  const tree = makeTree({
    'task.ts': `import { appendFileSync } from 'node:fs';
      import { exclusively } from ${JSON.stringify(path.join(root, 'scripts', 'setup', 'lock.ts'))};
      const pause = new Int32Array(new SharedArrayBuffer(4));
      exclusively('x', () => {
        appendFileSync('order', 'in ');
        Atomics.wait(pause, 0, 0, 200);
        appendFileSync('order', 'out ');
      }, process.cwd());`,
  });
  const tsx = path.join(root, 'node_modules', '.bin', 'tsx');
  const processes = [1, 2, 3].map(() => spawn(tsx, ['task.ts'], { cwd: tree, stdio: 'ignore' }));
  const codes = await Promise.all(
    processes.map((child) => new Promise((resolve) => child.on('close', resolve))),
  );
  expect(codes).toEqual([0, 0, 0]);
  expect(readFileSync(path.join(tree, 'order'), 'utf8')).toBe('in out in out in out ');
});

it('takes over from a process that died in its task', () => {
  const tree = makeTree({ 'build-stamps/x.lock': '999999999' });
  expect(exclusively('x', () => 'done', tree)).toBe('done');
});

it('lets go when the task throws', () => {
  const tree = makeTree({});
  const task = () => {
    throw new Error('no');
  };
  expect(() => exclusively('x', task, tree)).toThrow('no');
  expect(existsSync(path.join(tree, 'build-stamps', 'x.lock'))).toBe(false);
});
