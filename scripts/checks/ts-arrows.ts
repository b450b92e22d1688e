import path from 'node:path';
import { listFiles } from './files.ts';
import { type FoundImport, importsOf } from './ts-imports.ts';

// Floors of lib/, lowest first: a folder may import the folders before it.
const floors = [
  'errors',
  'native',
  'sparse',
  'plan',
  'io',
  'layers',
  'compile',
  'session',
  'measure',
  'report',
  'tracking',
  'tfjs',
  'server',
  'cli',
] as const;

/** Folders that may import less than their floor allows. */
const only: Readonly<Record<string, readonly string[]>> = {
  pruning: ['errors', 'native', 'sparse', 'io', 'layers', 'tracking'],
  tfjs: ['errors', 'native', 'sparse', 'plan', 'io', 'layers', 'compile', 'session'],
  server: ['errors', 'native', 'session'],
  tracking: ['errors'],
  report: ['errors'],
};

/** The entry points, lib/*.ts: what they may gather. */
const entries: Readonly<Record<string, readonly string[]>> = {
  'index.ts': floors.slice(0, floors.indexOf('tracking')),
  'pruning.ts': ['errors', 'native', 'sparse', 'pruning', 'io'],
  'tfjs.ts': ['errors', 'tfjs', 'session', 'io'],
  'server.ts': ['errors', 'server'],
};

function allowedFor(file: string): readonly string[] | undefined {
  const [, first = '', ...rest] = file.split('/');
  if (rest.length === 0) return first === 'errors.ts' ? [] : entries[first];
  if (only[first] !== undefined) return only[first];
  const floor = floors.indexOf(first as (typeof floors)[number]);
  return floor < 0 ? undefined : floors.slice(0, floor);
}

/** First folder below lib/, or the file's stem: `lib/errors.ts` is the floor `errors`. */
const floorOf = (file: string) => file.split('/')[1]!.replace(/\.ts$/, '');

function tensorflowFault(file: string, found: FoundImport): string | undefined {
  if (found.kind === 'type') {
    const floor = floors.indexOf(floorOf(file) as (typeof floors)[number]);
    const low = floor >= 0 && floor <= floors.indexOf('sparse');
    return low ? 'TF.js types are for the floors above sparse' : undefined;
  }
  const folder = floorOf(file);
  if (folder === 'pruning' || folder === 'tfjs') return undefined;
  if (file.startsWith('lib/measure/engines/') && found.kind === 'lazy') return undefined;
  return 'TF.js values belong to lib/pruning, lib/tfjs and, lazily, lib/measure/engines';
}

function importFault(file: string, found: FoundImport): string | undefined {
  if (found.specifier.startsWith('@tensorflow/')) return tensorflowFault(file, found);
  if (!found.specifier.startsWith('.')) return undefined;
  const target = path.posix.join(path.posix.dirname(file), found.specifier);
  if (!target.startsWith('lib/')) return `imports ${target}, which is outside of lib`;
  if (!target.endsWith('.ts')) return `names ${found.specifier}, which is no .ts file`;
  const from = floorOf(file);
  const to = floorOf(target);
  if (file.split('/').length > 2 && from === to) return undefined;
  const allowed = allowedFor(file);
  if (allowed === undefined) return 'lies in a folder that scripts/checks/ts-arrows.ts does not know';
  return allowed.includes(to) ? undefined : `imports ${target}: ${from} may import ${allowed.join(', ')}`;
}

/** Which floor of lib may import which, and where TF.js may be loaded. */
export function checkTsArrows(root: string): string[] {
  const problems: string[] = [];
  for (const file of listFiles(root, 'lib', /\.ts$/))
    for (const found of importsOf(root, file)) {
      const fault = importFault(file, found);
      if (fault !== undefined) problems.push(`${file}:${found.line}: ${fault}`);
    }
  return problems;
}

/** Import cycles between files of lib; types count, since a reader has to follow them as well. */
export function checkTsCycles(root: string): string[] {
  const edges = new Map<string, string[]>();
  for (const file of listFiles(root, 'lib', /\.ts$/)) {
    const local = importsOf(root, file).filter((found) => found.specifier.startsWith('.'));
    edges.set(
      file,
      local.map((found) => path.posix.join(path.posix.dirname(file), found.specifier)),
    );
  }
  return cyclesOf(edges).map((cycle) => `${cycle[0]}: import cycle: ${cycle.join(' -> ')}`);
}

/** One cycle per file that closes one, found by depth-first search. */
function cyclesOf(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      cycles.push([...path.slice(start), file]);
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const next of edges.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of edges.keys()) visit(file);
  return cycles;
}
