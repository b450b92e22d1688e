import { readFileSync } from 'node:fs';
import type { Adapter } from './adapter.ts';
import { Comparison, exact, type Tolerance } from './comparison.ts';
import { Fields } from './fields.ts';

/** What came of one vector file. */
export interface FileResult {
  passed: number;
  failed: number;
  /** Single values compared. */ comparisons: number;
  /** One line per failed case. */ failures: string[];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A file's or a case's tolerance, or the one that held before. */
function readTolerance(fields: Fields, before: Tolerance, readSentence?: Adapter['readSentence']): Tolerance {
  const absolute = fields.maybe('tolerance');
  const relative = fields.maybe('tolerance_relative');
  if (absolute === undefined && relative === undefined) return before;
  if (typeof absolute === 'string') {
    const read = readSentence?.(absolute);
    if (read) return read;
  }
  for (const value of [absolute ?? 0, relative ?? 0]) {
    if (typeof value === 'number' && value >= 0) continue;
    throw new Error(`${fields.path}: tolerance not understood: ${JSON.stringify(value)}`);
  }
  return { absolute: (absolute ?? 0) as number, relative: (relative ?? 0) as number };
}

/** Runs all cases of a vector file through its adapter. Whatever is not understood fails. */
export async function runFile(file: string, adapter: Adapter): Promise<FileResult> {
  const result: FileResult = { passed: 0, failed: 0, comparisons: 0, failures: [] };
  const fail = (line: string) => {
    result.failed++;
    result.failures.push(line);
  };
  const runCase = async (fields: Fields, section: string, tolerance: Tolerance) => {
    const compare = new Comparison();
    try {
      compare.tolerance = readTolerance(fields, tolerance, adapter.readSentence);
      fields.maybe('note');
      await adapter.sections[section]!(fields, compare);
      fields.finish();
      if (compare.count === 0) throw new Error('nothing was compared');
      result.passed++;
    } catch (error) {
      fail(`${fields.path}: ${messageOf(error)}`);
    }
    result.comparisons += compare.count;
  };

  try {
    const top = new Fields(JSON.parse(readFileSync(file, 'utf8')), 'file');
    for (const key of ['source', 'version', 'note']) top.maybe(key);
    const layout = top.maybe('layout');
    if (layout !== undefined && layout !== adapter.layout) {
      throw new Error(`file: layout not understood: ${JSON.stringify(layout)}`);
    }
    const tolerance = readTolerance(top, exact, adapter.readSentence);
    for (const section of Object.keys(adapter.sections)) {
      if (!top.has(section)) continue;
      const isList = Array.isArray(top.take(section));
      const cases = isList ? top.objects(section) : [top.object(section)];
      for (const fields of cases) await runCase(fields, section, tolerance);
    }
    if (top.unread().length > 0) fail(`file: not understood: ${top.unread().join(', ')}`);
    if (result.passed + result.failed === 0) fail('file: no case');
  } catch (error) {
    fail(messageOf(error));
  }
  return result;
}
