import { readFileSync } from 'node:fs';
import path from 'node:path';
import { capture } from '../setup/process.ts';

/** Written in pieces, so that this file does not find itself. */
const word = (...pieces: string[]) => pieces.join('');

const rules: [pattern: RegExp, why: string][] = [
  [new RegExp(word('(?<![\\w.-])/', '(?:work|root|tmp|home/\\w+)/')), 'a path of one machine'],
  [
    new RegExp(
      [
        word('registry\\.npm', 'js\\.org'),
        word('pypi\\.', 'org'),
        word('files\\.python', 'hosted\\.org'),
        word('storage\\.google', 'apis\\.com'),
        word('repo\\d?\\.maven', '\\.'),
        word('deb\\.debian', '\\.org'),
        word('archive\\.ubuntu', '\\.com'),
      ].join('|'),
    ),
    'the host of a registry: ask its client instead',
  ],
  [new RegExp(word('\\b(?:TO', 'DO|FIX', 'ME|X', 'XX)\\b')), 'unfinished work: do it or drop it'],
  [
    new RegExp(word('\\b(?:design|style|pruning-spec|tfjs-notes|tool', 'chain)\\.md\\b')),
    'a page that is not in this repository',
  ],
  [
    new RegExp(
      word('\\b(?:session n', 'otes|the br', 'ief|issue #?\\d+|found', 'ing engineer|design c', 'ard)\\b'),
      'i',
    ),
    'words about how the work was organised',
  ],
];

const binary = /\.(?:node|png|jpe?g|gif|ico|bin|safetensors|zip|gz|npy)$/;
// A lock file is written by npm, a licence by its authors; golden vectors are data.
const exempt = /^(?:package-lock\.json|LICENSE|test\/golden\/.*\.json)$/;

/** Faults of one text. */
export function wordFaults(file: string, text: string): string[] {
  const problems: string[] = [];
  for (const [index, line] of text.split('\n').entries())
    for (const [pattern, why] of rules) {
      const match = pattern.exec(line);
      if (match !== null) problems.push(`${file}:${index + 1}: "${match[0]}": ${why}`);
    }
  return problems;
}

/** The repository speaks of itself alone: no machine, no registry host, no unfinished work, no pages from elsewhere. */
export function checkOwnWords(root: string): string[] {
  const listed = capture(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
  });
  if (listed.status !== 0) return [`${root}: not a git checkout, so its files cannot be listed`];
  const files = listed.stdout
    .split('\0')
    .filter((file) => file !== '' && !binary.test(file) && !exempt.test(file));
  return files.flatMap((file) => {
    try {
      return wordFaults(file, readFileSync(path.join(root, file), 'utf8'));
    } catch {
      return []; // deleted in the work tree
    }
  });
}
