import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of package.json. */
export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** A program ended with another exit code than 0. */
export class CommandFailed extends Error {
  readonly exitCode: number;

  constructor(command: readonly string[], exitCode: number, output = '') {
    super(`${command.join(' ')} ended with exit code ${exitCode}${output && `\n${output}`}`);
    this.name = 'CommandFailed';
    this.exitCode = exitCode;
  }
}

/** Environment in which programs of node_modules/.bin are found, as under `npm run`. */
function environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const bin = path.join(root, 'node_modules', '.bin');
  return { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}`, ...extra };
}

/** Runs a program with its output on this terminal. @returns its exit code, 127 when there is no such program. */
export function runStatus(command: readonly string[], options: RunOptions = {}): number {
  const [program = '', ...args] = command;
  const done = spawnSync(program, args, {
    cwd: options.cwd ?? root,
    env: environment(options.env),
    stdio: 'inherit',
  });
  return done.status ?? 127;
}

/** Runs a program with its output on this terminal. @throws {@link CommandFailed} */
export function run(command: readonly string[], options: RunOptions = {}): void {
  const status = runStatus(command, options);
  if (status !== 0) throw new CommandFailed(command, status);
}

/** Runs a program quietly. @returns what it printed and its exit code, 127 when there is no such program. */
export function capture(
  command: readonly string[],
  options: RunOptions = {},
): { status: number; stdout: string; stderr: string } {
  const [program = '', ...args] = command;
  const done = spawnSync(program, args, {
    cwd: options.cwd ?? root,
    env: environment(options.env),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { status: done.status ?? 127, stdout: done.stdout ?? '', stderr: done.stderr ?? '' };
}

/**
 * Runs a program while others run, and keeps what it prints; `show` prints it as well, and
 * keeps no errors.
 */
export async function captureLater(
  command: readonly string[],
  options: RunOptions & { show?: boolean } = {},
): Promise<{ status: number; stdout: string; stderr: string }> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: options.cwd ?? root,
    env: environment(options.env),
    stdio: ['inherit', 'pipe', options.show ? 'inherit' : 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (options.show) process.stdout.write(text);
  });
  const status = await new Promise<number>((resolve) => {
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 127));
  });
  return { status, stdout, stderr };
}

/** A progress line of the set-up. */
export function say(part: string, message: string): void {
  console.error(`[${part}] ${message}`);
}
