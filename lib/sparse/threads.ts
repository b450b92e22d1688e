import { checkInteger } from '../native/check.ts';

/** Most threads that may be asked for. */
export const maxThreads = 256;

/** The option `threads`, default 1. */
export function readThreads(what: string, threads: unknown): number {
  return checkInteger(what, 'threads', threads ?? 1, 1, maxThreads);
}
