import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { capture } from '../setup/process.ts';

/** What a user gets besides dist/: the addon and all that is needed to build it elsewhere, and nothing of ours. */
const required = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'CMakeLists.txt',
  'native/addon.cc',
  'build/Release/tfjs_sparse.node',
  ...['index', 'pruning', 'tfjs', 'server'].flatMap((name) =>
    ['.mjs', '.cjs', '.d.mts', '.d.cts'].map((extension) => `dist/${name}${extension}`),
  ),
];
const allowed = /^(?:dist\/|native\/|build\/Release\/tfjs_sparse\.node$|[^/]+$)/;
const forbidden = /^(?:\.|package-lock\.json$|tsconfig|biome|knip|typedoc|vitest)|(?:\.tgz|\.log)$/;

/** Faults of the list of files that would be published. */
export function contentFaults(files: readonly string[]): string[] {
  return [
    ...required.filter((file) => !files.includes(file)).map((file) => `the package lacks ${file}`),
    ...files
      .filter((file) => !allowed.test(file) || forbidden.test(file))
      .map((file) => `the package has ${file}, which is not for users`),
  ];
}

/** Packs as `npm publish` would, looks at the list, and lets publint and attw judge how the package resolves. */
export function checkPackage(root: string): string[] {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tfjs-sparse-pack-'));
  try {
    const packed = capture(['npm', 'pack', '--json', '--pack-destination', folder], { cwd: root });
    if (packed.status !== 0) return [`npm pack failed: ${packed.stderr.trim()}`];
    const reports = Object.values(JSON.parse(packed.stdout)) as {
      filename: string;
      files: { path: string }[];
    }[];
    const report = reports[0]!;
    const problems = contentFaults(report.files.map((file) => file.path));
    const tarball = path.join(folder, path.basename(report.filename));
    // node10 knows no exports map, and nobody on Node 20 resolves by it.
    for (const judge of [
      ['publint', 'run', tarball, '--strict'],
      ['attw', tarball, '--profile', 'node16', '--no-emoji', '--no-color'],
    ]) {
      const done = capture(judge, { cwd: root });
      if (done.status !== 0) problems.push(`${judge[0]}:\n${done.stdout.trim()}\n${done.stderr.trim()}`);
    }
    return problems;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
