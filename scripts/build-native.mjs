#!/usr/bin/env node
// Builds the addon with cmake-js when a source is newer than the binary; --force builds anyway.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const binary = path.join(root, 'build', 'Release', 'tfjs_sparse.node');

function newest(folder) {
  let time = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) time = Math.max(time, statSync(path.join(entry.parentPath, entry.name)).mtimeMs);
  return time;
}

const sources = Math.max(
  newest(path.join(root, 'native')),
  ...['CMakeLists.txt', 'package.json'].map((f) => statSync(path.join(root, f)).mtimeMs),
);
if (!process.argv.includes('--force') && existsSync(binary) && statSync(binary).mtimeMs > sources) {
  console.error('[build-native] up to date');
  process.exit(0);
}
const cmakeJs = createRequire(import.meta.url).resolve('cmake-js/bin/cmake-js');
const run = spawnSync(process.execPath, [cmakeJs, 'build', '-p', '2'], { cwd: root, stdio: 'inherit' });
process.exit(run.status ?? 1);
