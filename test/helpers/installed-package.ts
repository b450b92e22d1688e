import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildLib } from '../../scripts/setup/build-lib.ts';
import { buildNative } from '../../scripts/setup/build-native.ts';
import { root } from '../../scripts/setup/process.ts';

export interface ProgramResult {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Copies the real dependencies of a package, and theirs, out of this repository: peers stay out. */
function installDependencies(manifest: string, folder: string): void {
  const { dependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    const target = path.join(folder, 'node_modules', name);
    if (existsSync(target)) continue;
    cpSync(path.join(root, 'node_modules', name), target, { recursive: true });
    installDependencies(path.join(target, 'package.json'), folder);
  }
}

/**
 * What `npm publish` would send, installed into an empty project outside of this repository, where no other package
 * can be found: the way a user without any `@tensorflow` package has it.
 */
export class InstalledPackage {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static create(): InstalledPackage {
    buildNative();
    buildLib();
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tfjs-sparse-project-'));
    const tarball = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
      cwd: root,
      encoding: 'utf8',
    });
    const target = path.join(folder, 'node_modules', 'tfjs-sparse');
    mkdirSync(target, { recursive: true });
    const archive = path.join(folder, tarball.trim().split('\n').at(-1)!);
    execFileSync('tar', ['-xzf', archive, '--strip-components=1', '-C', target]);
    installDependencies(path.join(target, 'package.json'), folder);
    return new InstalledPackage(folder);
  }

  /** Copies a file or folder into the project. */
  add(source: string, name: string): void {
    cpSync(source, path.join(this.folder, name), { recursive: true });
  }

  /** Runs a program that lies in the project. @param name - its extension says whether it is ESM or CommonJS */
  run(name: `${string}.${'mjs' | 'cjs'}`, source: string, env: NodeJS.ProcessEnv = {}): ProgramResult {
    writeFileSync(path.join(this.folder, name), source);
    const clean = { ...process.env, NODE_PATH: '', NODE_OPTIONS: '', ...env };
    const done = spawnSync(process.execPath, [name], {
      cwd: this.folder,
      env: clean,
      encoding: 'utf8',
      timeout: 60_000,
    });
    return { status: done.status, signal: done.signal, stdout: done.stdout, stderr: done.stderr };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
