import { describe, expect, it } from 'vitest';
import type { SparseServerOptions } from '../../../lib/server.ts';
import { oneInput, serving, twoInputs } from './models.ts';

const session = oneInput();
const two = twoInputs();

describe('options that the plugin refuses:', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['no models', {}, 'ERR_SPARSE_ARGUMENT', /models is undefined, expected an object/],
    ['models in a list', { models: [session] }, 'ERR_SPARSE_ARGUMENT', /models is Array/],
    ['a misspelt option', { models: {}, bodylimit: 1 }, 'ERR_SPARSE_OPTION', /Did you mean "bodyLimit"\?/],
    ['a body limit of 0', { models: {}, bodyLimit: 0 }, 'ERR_SPARSE_OPTION', /bodyLimit is 0/],
    ['a body limit in words', { models: {}, bodyLimit: '1mb' }, 'ERR_SPARSE_ARGUMENT', /bodyLimit is string/],
    ['a name with a slash', { models: { 'a/b': session } }, 'ERR_SPARSE_OPTION', /the name "a\/b"/],
    ['an empty name', { models: { '': session } }, 'ERR_SPARSE_OPTION', /the name ""/],
    ['nothing as a model', { models: { m: undefined } }, 'ERR_SPARSE_ARGUMENT', /model "m" has a session/],
    ['a path as a model', { models: { m: 'm.safetensors' } }, 'ERR_SPARSE_ARGUMENT', /model "m"/],
    [
      'a promise as a model',
      { models: { m: { session: Promise.resolve() } } },
      'ERR_SPARSE_ARGUMENT',
      /Promise/,
    ],
    [
      'a misspelt option of a model',
      { models: { m: { session, maxbatch: 2 } } },
      'ERR_SPARSE_OPTION',
      /"maxBatch"/,
    ],
    ['a batch of 0', { models: { m: { session, maxBatch: 0 } } }, 'ERR_SPARSE_OPTION', /maxBatch is 0/],
    [
      'a delay of NaN',
      { models: { m: { session, maxDelayMs: Number.NaN } } },
      'ERR_SPARSE_OPTION',
      /maxDelayMs/,
    ],
    [
      'a queue that holds no batch',
      { models: { m: { session, maxBatch: 8, maxQueue: 7 } } },
      'ERR_SPARSE_OPTION',
      /maxQueue is 7, expected a whole number in \[8, /,
    ],
    [
      'batches of a model with two inputs',
      { models: { m: { session: two, maxDelayMs: 1 } } },
      'ERR_SPARSE_OPTION',
      /2 inputs and 2 outputs, expected one of each with an open batch for maxDelayMs/,
    ],
    ['no queue', { models: { m: { session: two, maxQueue: 0 } } }, 'ERR_SPARSE_OPTION', /maxQueue is 0/],
  ])('%s', async (_what, options, code, message) => {
    await expect(serving(options as SparseServerOptions)).rejects.toMatchObject({
      name: 'SparseError',
      code,
      message: expect.stringMatching(message),
    });
  });
});
