import { listFiles, readLines } from './files.ts';

const longest = 450;
const folders = ['lib', 'native', 'bench', 'scripts', 'test', 'examples'];

/** One idea per file: no source is longer than 450 lines. */
export function checkFileLength(root: string): string[] {
  const problems: string[] = [];
  for (const folder of folders)
    for (const file of listFiles(root, folder, /\.(?:ts|mjs|cjs|js|cc|h|inc|py)$/)) {
      const lines = readLines(root, file).length;
      if (lines > longest) problems.push(`${file}: ${lines} lines, at most ${longest}. Split it by idea.`);
    }
  return problems;
}
