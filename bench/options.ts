import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { SuiteOptions } from './suites/suite.ts';

export interface BenchOptions extends SuiteOptions {
  suites: string[];
  json?: string;
  smoke: boolean;
  help: boolean;
}

export const usage = `npm run bench -- [kernels|models|rank|accelerate|all ...] [options]
  --m 1,16,64,256          batch sizes
  --shapes 1024x1024,...   single layers, outputs x inputs (N x K); default: bench/shapes/square.txt
  --sparsity 0.9,...       shares of zeros
  --seconds 1              time for each engine in each case
  --json FILE              all results and the environment as JSON
  --smoke                  one tiny run of everything, to see that it runs`;

function fail(message: string): never {
  throw new Error(`${message}\n${usage}`);
}

function numbers(name: string, text: string, low: number, high: number): number[] {
  const values = text.split(',').map(Number);
  for (const value of values)
    if (!(value >= low && value <= high)) fail(`--${name} ${text}: expected numbers from ${low} to ${high}`);
  return values;
}

function shape(text: string): [number, number] {
  const [n, k, ...rest] = text.split('x').map(Number);
  if (!Number.isInteger(n) || !Number.isInteger(k) || !(n! > 0 && k! > 0) || rest.length > 0)
    fail(`--shapes: "${text}" is not outputs x inputs, as in 300x784`);
  return [n!, k!];
}

/** Shapes of a file in bench/shapes: a line `N K` each, `#` begins a comment. */
function shapesOf(name: string): [number, number][] {
  const text = readFileSync(new URL(`./shapes/${name}.txt`, import.meta.url), 'utf8');
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim());
  return lines.filter(Boolean).map((line) => shape(line.replace(/\s+/, 'x')));
}

/** @throws Error that names the option, what was expected and how to use the command */
export function readOptions(args: readonly string[], known: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      m: { type: 'string' },
      shapes: { type: 'string' },
      sparsity: { type: 'string' },
      seconds: { type: 'string' },
      json: { type: 'string' },
      smoke: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  for (const name of positionals) if (name !== 'all' && !known.includes(name)) fail(`no bench "${name}"`);
  const all = positionals.length === 0 || positionals.includes('all');
  const { smoke } = values;
  const seconds = numbers('seconds', values.seconds ?? (smoke ? '0' : '1'), 0, 3600)[0]!;
  const m = numbers('m', values.m ?? (smoke ? '1,3' : '1,16,64,256'), 1, 65536);
  if (!m.every(Number.isInteger)) fail('--m: batch sizes are whole numbers');
  return {
    suites: all ? [...known] : positionals,
    m,
    shapes: values.shapes?.split(',').map(shape) ?? (smoke ? [[24, 40]] : shapesOf('square')),
    sparsity: numbers('sparsity', values.sparsity ?? '0.9', 0, 1),
    run: smoke ? { seconds, minRounds: 1, sampleSeconds: 0 } : { seconds },
    json: values.json,
    smoke,
    help: values.help,
  };
}
