import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCodes, SparseError, type SparseErrorCode } from '../errors.ts';
import type { NativeBindings } from './bindings.ts';

const require = createRequire(import.meta.url);
const binary = path.join('build', 'Release', 'tfjs_sparse.node');

/** The package's folder: the nearest one above this file that has a package.json. */
function packageRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) break;
    folder = parent;
  }
  return folder;
}

function isSparseCode(code: unknown): code is SparseErrorCode {
  return typeof code === 'string' && code in errorCodes;
}

/** An error of the addon as a SparseError; any other value unchanged. */
export function fromNative(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof SparseError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  return isSparseCode(code) ? new SparseError(code, error.message, { cause: error }) : error;
}

function rethrowFromNative(error: unknown): never {
  throw fromNative(error);
}

/** Functions whose calls are timed in nanoseconds: their callers translate errors themselves. */
const hot = new Set<string>(['run']);

function translateErrors(exports: NativeBindings): NativeBindings {
  const wrapped: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(exports)) {
    wrapped[name] =
      typeof value !== 'function' || hot.has(name)
        ? value
        : (...args: unknown[]) => {
            try {
              const result: unknown = value(...args);
              return result instanceof Promise ? result.catch(rethrowFromNative) : result;
            } catch (error) {
              throw fromNative(error);
            }
          };
  }
  return wrapped as unknown as NativeBindings;
}

function load(): NativeBindings {
  // TFJS_SPARSE_ADDON: another build of the addon, such as one with sanitizers.
  const file = process.env.TFJS_SPARSE_ADDON ?? path.join(packageRoot(), binary);
  try {
    return translateErrors(require(file) as NativeBindings);
  } catch (cause) {
    const translated = fromNative(cause);
    if (translated instanceof SparseError) throw translated;
    const tools = 'cmake-js@8 node-addon-api@8 node-api-headers@1';
    const command = `npm install --no-save --ignore-scripts ${tools} && npx cmake-js build -d ${JSON.stringify(packageRoot())}`;
    throw new SparseError(
      'ERR_SPARSE_NATIVE',
      `The native addon could not be loaded (${process.platform}-${process.arch}, Node ${process.version}).\n` +
        `  tried: ${file}\n  ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}\n` +
        `Build it with: ${command}`,
      { expected: file, cause },
    );
  }
}

let loaded: NativeBindings | undefined;

/**
 * The addon, loaded at the first call.
 *
 * @throws {@link SparseError} `ERR_SPARSE_NATIVE` when it cannot be loaded, `ERR_SPARSE_ISA` when
 * `TFJS_SPARSE_ISA` names an instruction set that is unknown or not supported here.
 */
export function native(): NativeBindings {
  loaded ??= load();
  return loaded;
}
