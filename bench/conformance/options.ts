import { parseArgs } from 'node:util';
import { withUsage } from '../runner/with-usage.ts';

export interface ConformanceOptions {
  models?: string[];
  groups: string[];
  json?: string;
  resume: boolean;
  timing: boolean;
  /** Time for each engine on each model. */
  seconds: number;
  threads: number;
  /** Seconds after which no further model begins. */
  stopAfter: number;
  help: boolean;
}

export const usage = (groups: readonly string[]) => `npm run conformance -- [options]
  --models NAME,...        some models; a * stands for anything
  --group NAME,...         some groups: ${groups.join(', ')}
  --no-timing              compare outputs only
  --seconds 0.5            time for each engine on each model
  --threads 1              of every engine
  --json FILE              the rows as JSON, for npm run readme-table
  --resume                 keep the rows that FILE has, with times where they are wanted, and go on
  --stop-after SECONDS     begin no further model after that time`;

/** @throws Error that names the option, what was expected and how to use the command */
export function readOptions(args: readonly string[], groups: readonly string[]): ConformanceOptions {
  const { values } = withUsage(usage(groups), () =>
    parseArgs({
      args: [...args],
      options: {
        models: { type: 'string' },
        group: { type: 'string' },
        json: { type: 'string' },
        resume: { type: 'boolean', default: false },
        'no-timing': { type: 'boolean', default: false },
        seconds: { type: 'string', default: '0.5' },
        threads: { type: 'string', default: '1' },
        'stop-after': { type: 'string', default: '1e9' },
        help: { type: 'boolean', default: false },
      },
    }),
  );
  const fail = (message: string): never => {
    throw new Error(`${message}\n${usage(groups)}`);
  };
  const number = (name: 'seconds' | 'threads' | 'stop-after', low: number, high: number) => {
    const value = Number(values[name]);
    return value >= low && value <= high
      ? value
      : fail(`--${name} ${values[name]}: expected ${low} to ${high}`);
  };
  const wanted = values.group?.split(',') ?? [...groups];
  for (const name of wanted)
    if (!groups.includes(name)) fail(`--group: no "${name}", expected ${groups.join(', ')}`);
  if (values.resume && values.json === undefined) fail('--resume: which file? Give --json too');
  const threads = number('threads', 1, 256);
  if (!Number.isInteger(threads)) fail('--threads: expected a whole number');
  return {
    ...(values.models !== undefined && { models: values.models.split(',') }),
    groups: wanted,
    json: values.json,
    resume: values.resume,
    timing: !values['no-timing'],
    seconds: number('seconds', 0, 3600),
    threads,
    stopAfter: number('stop-after', 0, 1e9),
    help: values.help,
  };
}
