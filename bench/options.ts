import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { nativeInfo } from '../lib/native/info.ts';
import { storages, weightStructures } from './cases/product-case.ts';
import { withUsage } from './runner/with-usage.ts';
import { presetNames } from './suites/kernel-cells.ts';
import { productEngines } from './suites/product-engines.ts';
import { rankEngines } from './suites/rank-engines.ts';
import type { SuiteOptions } from './suites/suite.ts';

export interface BenchOptions extends Omit<SuiteOptions, 'done'> {
  suites: string[];
  json?: string;
  /** Keep the cases that the file of `json` has, and go on with the others. */
  resume: boolean;
  /** Seconds after which no further case begins. */
  stopAfter: number;
  smoke: boolean;
  help: boolean;
}

export const usage = `npm run bench -- [kernels|models|rank|prune|accelerate|all ...] [options]
  --m 1,16,64,256          batch sizes
  --shapes 1024x1024,...   single layers, outputs x inputs (N x K); default: bench/shapes/square.txt
  --sparsity 0.9,...       shares of zeros
  --structure NAME,...     kernels: ${weightStructures.join(', ')}; default: unstructured
  --storage NAME,...       kernels: ${storages.join(', ')}; default: float32
  --threads 1,...          kernels, rank: threads of every engine
  --engines all            kernels, rank: or names, as in tfjs-sparse,openvino
  --isa NAME               kernels: force our instruction set
  --preset full            kernels: everything that docs/benchmarks.md shows: 282 cells
  --preset scale           kernels: 20, 40 and 100 million weights that are there; our engine, unless --engines names others
  --seconds 1              time for each engine in each case
  --json FILE              all results and the environment as JSON
  --resume                 keep the cases that FILE has, and go on with the others
  --stop-after SECONDS     begin no further case after that time
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

/** Words out of a list. */
function words<T extends string>(name: string, text: string, known: readonly T[]): T[] {
  return text.split(',').map((word) => {
    const found = known.find((entry) => entry === word);
    return found ?? fail(`--${name}: no "${word}", expected ${known.join(', ')}`);
  });
}

function wholeNumbers(name: string, text: string, high: number): number[] {
  const values = numbers(name, text, 1, high);
  return values.every(Number.isInteger) ? values : fail(`--${name} ${text}: expected whole numbers`);
}

/** @throws Error that names the option, what was expected and how to use the command */
export function readOptions(args: readonly string[], known: readonly string[]): BenchOptions {
  const { values, positionals } = withUsage(usage, () =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        m: { type: 'string' },
        shapes: { type: 'string' },
        sparsity: { type: 'string' },
        structure: { type: 'string', default: 'unstructured' },
        storage: { type: 'string', default: 'float32' },
        threads: { type: 'string', default: '1' },
        engines: { type: 'string', default: 'all' },
        isa: { type: 'string' },
        preset: { type: 'string' },
        resume: { type: 'boolean', default: false },
        'stop-after': { type: 'string' },
        seconds: { type: 'string' },
        json: { type: 'string' },
        smoke: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }),
  );
  for (const name of positionals) if (name !== 'all' && !known.includes(name)) fail(`no bench "${name}"`);
  const all = positionals.length === 0 || positionals.includes('all');
  const { smoke } = values;
  const seconds = numbers('seconds', values.seconds ?? (smoke ? '0' : '1'), 0, 3600)[0]!;
  if (values.resume && values.json === undefined) fail('--resume: which file? Give --json too');
  const names = [...new Set([...productEngines, ...rankEngines].map((engine) => engine.name))];
  return {
    suites: all ? [...known] : positionals,
    m: wholeNumbers('m', values.m ?? (smoke ? '1,3' : '1,16,64,256'), 65536),
    structure: words('structure', values.structure, weightStructures),
    storage: words('storage', values.storage, storages),
    threads: wholeNumbers('threads', values.threads, 256),
    ...(values.engines === 'all' ? {} : { engines: words('engines', values.engines, names) }),
    ...(values.isa === undefined ? {} : { isa: words('isa', values.isa, nativeInfo().isasSupported)[0] }),
    ...(values.preset === undefined ? {} : { preset: words('preset', values.preset, presetNames)[0] }),
    resume: values.resume,
    stopAfter: numbers('stop-after', values['stop-after'] ?? '1e9', 0, 1e9)[0]!,
    shapes: values.shapes?.split(',').map(shape) ?? (smoke ? [[24, 40]] : shapesOf('square')),
    sparsity: numbers('sparsity', values.sparsity ?? '0.9', 0, 1),
    run: smoke ? { seconds, minRounds: 1, sampleSeconds: 0 } : { seconds },
    json: values.json,
    smoke,
    help: values.help,
  };
}
