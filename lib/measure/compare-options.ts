import { inspect } from 'node:util';
import { SparseError } from '../errors.ts';
import { type CompareOptions, compareEngines } from './comparison.ts';

const optionNames: readonly (keyof CompareOptions)[] = [
  'engines',
  'batch',
  'threads',
  'seconds',
  'signal',
  'onProgress',
];

function refuse(option: string, expected: unknown, received: unknown): SparseError {
  return new SparseError(
    'ERR_SPARSE_OPTION',
    `compare: option "${option}": expected ${expected}, received ${inspect(received)}.`,
    { tensor: option, expected, received },
  );
}

/**
 * The options of `compare` with their defaults.
 *
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` naming the option, what was expected and what came
 */
export function checkOptions(
  options: CompareOptions,
): Required<Pick<CompareOptions, 'engines' | 'batch' | 'threads' | 'seconds'>> {
  const {
    engines = ['session', 'session-dense', 'tfjs-node', 'tfjs-wasm'],
    batch = [1, 16, 64, 256],
    threads = 1,
    seconds = 1,
  } = options;
  for (const name of Object.keys(options))
    if (!optionNames.includes(name as keyof CompareOptions))
      throw refuse(name, `one of ${optionNames.join(', ')}`, name);
  const isCount = (value: unknown) => Number.isInteger(value) && (value as number) > 0;
  for (const engine of engines)
    if (!compareEngines.includes(engine))
      throw refuse('engines', `names out of ${compareEngines.join(', ')}`, engine);
  if (engines.length === 0) throw refuse('engines', 'at least one name', engines);
  if (!Array.isArray(batch) || batch.length === 0 || !batch.every(isCount))
    throw refuse('batch', 'a list of whole numbers from 1 on', batch);
  if (!isCount(threads)) throw refuse('threads', 'a whole number from 1 on', threads);
  if (!(seconds >= 0 && seconds < Number.POSITIVE_INFINITY))
    throw refuse('seconds', 'a number from 0 on', seconds);
  return { engines: [...new Set(engines)], batch, threads, seconds };
}
