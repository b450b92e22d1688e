import path from 'node:path';
import { parseArgs } from 'node:util';
import { withUsage } from '../runner/with-usage.ts';
import { type Epochs, fullEpochs } from './jobs.ts';

export interface DemoOptions {
  help: boolean;
  quick: boolean;
  output: string;
  /** Where the result goes besides `demo.json` in the output folder. */
  json?: string;
  trainImages: number;
  testImages: number;
  epochs: Epochs;
  /** Time for each engine at each batch size. */
  seconds: number;
}

export const usage = `npm run demo -- [options]
  --quick              fewer images and epochs: shows that it runs, proves nothing
  --output DIR         where models and demo.json go; default demo-output
  --json FILE          the result as JSON, once more
with --quick only:
  --train-images 6000  --test-images 1000  --epochs 2  --seconds 0.1`;

const full = { trainImages: 60_000, testImages: 10_000, epochs: fullEpochs, seconds: 0.6 };

function atLeast(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!(value >= least)) throw new Error(`--${name} ${text}: expected a number from ${least} on\n${usage}`);
  return value;
}

export function readOptions(args: readonly string[]): DemoOptions {
  const { values } = withUsage(usage, () =>
    parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        output: { type: 'string', default: 'demo-output' },
        json: { type: 'string' },
        'train-images': { type: 'string' },
        'test-images': { type: 'string' },
        epochs: { type: 'string' },
        seconds: { type: 'string' },
      },
    }),
  );
  const common = {
    help: values.help,
    quick: values.quick,
    output: path.resolve(values.output),
    json: values.json,
  };
  if (!values.quick) {
    for (const name of ['train-images', 'test-images', 'epochs', 'seconds'] as const)
      if (values[name] !== undefined) throw new Error(`--${name} needs --quick\n${usage}`);
    return { ...common, ...full };
  }
  const epochs = Math.round(atLeast('epochs', values.epochs ?? '2', 1));
  return {
    ...common,
    trainImages: Math.min(60_000, Math.round(atLeast('train-images', values['train-images'] ?? '6000', 128))),
    testImages: Math.min(10_000, Math.round(atLeast('test-images', values['test-images'] ?? '1000', 256))),
    epochs: { cnn: epochs, lenet: epochs, fineTune: 1 },
    seconds: atLeast('seconds', values.seconds ?? '0.1', 0),
  };
}
