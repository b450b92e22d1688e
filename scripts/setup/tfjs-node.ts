import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { hasLibtensorflow, linkLibtensorflow, wheelFits } from './libtensorflow.ts';
import { capture, root, say } from './process.ts';

const require = createRequire(path.join(root, 'package.json'));

/** How to get TensorFlow's library: both ways in turn, one of them, or not at all. */
const modes = ['auto', 'official', 'wheel', 'skip'] as const;
type Mode = (typeof modes)[number];

function modeFromEnvironment(): Mode {
  const mode = (process.env.TFJS_SPARSE_TF ?? 'auto') as Mode;
  if (!modes.includes(mode)) throw new Error(`TFJS_SPARSE_TF is "${mode}", expected ${modes.join(', ')}`);
  return mode;
}

/** @returns the version of libtensorflow behind tfjs-node when a product comes out right, else undefined */
function loadedVersion(folder: string): string | undefined {
  const program = `
    const util = require('node:util');
    util.isNullOrUndefined ??= (v) => v === null || v === undefined;
    const tf = require(${JSON.stringify(folder)});
    if (tf.matMul(tf.ones([2, 2]), tf.ones([2, 2])).dataSync()[0] !== 2) process.exit(3);
    process.stdout.write(tf.backend().binding.TF_Version);`;
  const done = capture([process.execPath, '-e', program], { env: { TF_CPP_MIN_LOG_LEVEL: '3' } });
  return done.status === 0 ? done.stdout : undefined;
}

const firstByteMs = 20_000;
const wholeMs = 15 * 60_000;

/**
 * Runs the package's own installer, which downloads libtensorflow into `deps/`. Where its server cannot be reached
 * it fails at once or hangs, so it must show a first file within {@link firstByteMs}.
 *
 * @returns whether it ended well
 */
function runOfficialInstaller(folder: string): Promise<boolean> {
  say('tfjs-node', 'trying the installer of @tensorflow/tfjs-node');
  const bin = path.join(root, 'node_modules', '.bin');
  const child = spawn(process.execPath, ['scripts/install.js'], {
    cwd: folder,
    env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}` },
    stdio: 'ignore',
    detached: true,
  });
  const stop = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      child.kill('SIGKILL');
    }
  };
  const first = setTimeout(() => {
    if (readdirSync(path.join(folder, 'deps')).length === 0) stop();
  }, firstByteMs);
  const whole = setTimeout(stop, wholeMs);
  return new Promise((resolve) => {
    const finish = (ok: boolean) => {
      clearTimeout(first);
      clearTimeout(whole);
      resolve(ok);
    };
    child.on('error', () => finish(false));
    child.on('close', (code) => finish(code === 0));
  });
}

/**
 * Makes `@tensorflow/tfjs-node` loadable after an install with scripts off. In this order: it loads already; the
 * library lies in this user's cache; the package's own installer; the library out of the tensorflow-cpu wheel
 * (Linux x64). `TFJS_SPARSE_TF=official|wheel|skip` chooses.
 *
 * @throws Error when nothing of this makes it load
 */
export async function setUpTfjsNode(): Promise<void> {
  const mode = modeFromEnvironment();
  if (mode === 'skip') {
    say('tfjs-node', 'skipped, as TFJS_SPARSE_TF=skip says');
    return;
  }
  const manifest = require.resolve('@tensorflow/tfjs-node/package.json');
  const folder = path.dirname(manifest);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const works = (how: string) => {
    const library = loadedVersion(folder);
    if (library !== undefined) say('tfjs-node', `${version} runs on libtensorflow ${library}, ${how}`);
    return library !== undefined;
  };

  if (works('already there')) return;
  const wheelAllowed = mode !== 'official' && wheelFits();
  if (wheelAllowed && hasLibtensorflow()) {
    linkLibtensorflow(folder, version);
    if (works('from the cache')) return;
  }
  if (mode !== 'wheel') {
    const ended = await runOfficialInstaller(folder);
    if (works('by its own installer')) return;
    say('tfjs-node', `its own installer ${ended ? 'ended, but tfjs-node does not load' : 'did not succeed'}`);
  }
  if (wheelAllowed) {
    linkLibtensorflow(folder, version);
    if (works('from the wheel')) return;
  }
  throw new Error(
    `@tensorflow/tfjs-node ${version} does not load on ${process.platform}-${process.arch}. ` +
      'See "tfjs-node" in CONTRIBUTING.md for the ways to provide libtensorflow.',
  );
}
