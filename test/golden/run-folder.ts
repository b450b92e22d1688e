import { readdirSync } from 'node:fs';
import path from 'node:path';
import { adapters } from './adapters/index.ts';
import { type FileResult, runFile } from './run-file.ts';

/** One line of the report: a file's result, or that no adapter knows it. */
export type FileReport = { name: string } & (FileResult | { skipped: 'no adapter' });

/**
 * Runs the vector files of a folder, in the order of their names.
 *
 * @param only - names without `.json`; default all
 * @throws Error when the folder has no vector files, or `only` names one that is not there
 */
export async function runFolder(
  folder: string,
  only: readonly string[] | undefined,
  report: (line: FileReport) => void = () => {},
): Promise<FileReport[]> {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
  const missing = (only ?? []).filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new Error(`golden: ${folder} has no ${missing.map((m) => `${m}.json`).join(', ')}`);
  if (names.length === 0) throw new Error(`golden: ${folder} has no vector files (*.json)`);
  const reports: FileReport[] = [];
  for (const name of only ? names.filter((known) => only.includes(known)) : names) {
    const adapter = adapters[name];
    const line: FileReport = adapter
      ? { name, ...(await runFile(path.join(folder, `${name}.json`), adapter)) }
      : { name, skipped: 'no adapter' };
    reports.push(line);
    report(line);
  }
  return reports;
}
