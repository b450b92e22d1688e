import { describe, expect, it } from 'vitest';
import type { SparseError } from '../../../lib/errors.ts';
import { compile } from '../../../lib/session/compile.ts';
import { SparseSession } from '../../../lib/session/session.ts';
import { rejection } from '../../helpers/sessions.ts';
import { expectReadable, type Facts, one } from './bad-input.ts';

const compileOptions: [string, object, Facts][] = [
  ['thread (misspelt)', { thread: 2 }, { code: 'ERR_SPARSE_OPTION', tensor: 'thread', received: 'thread' }],
  [
    'an unknown mode',
    { sparse: 'sometimes' },
    { code: 'ERR_SPARSE_OPTION', tensor: 'sparse', received: 'sometimes' },
  ],
  ['a boolean mode', { sparse: true }, { code: 'ERR_SPARSE_OPTION', tensor: 'sparse' }],
  ['0 threads', { threads: 0 }, { code: 'ERR_SPARSE_OPTION', tensor: 'threads', received: 0 }],
  ['1.5 threads', { threads: 1.5 }, { code: 'ERR_SPARSE_OPTION', tensor: 'threads' }],
  ['NaN threads', { threads: Number.NaN }, { code: 'ERR_SPARSE_OPTION', tensor: 'threads' }],
  ['-1 threads', { threads: -1 }, { code: 'ERR_SPARSE_OPTION', tensor: 'threads' }],
  ['a billion threads', { threads: 1e9 }, { code: 'ERR_SPARSE_OPTION', tensor: 'threads' }],
  ['"2" threads', { threads: '2' }, { code: 'ERR_SPARSE_ARGUMENT', tensor: 'threads', received: '2' }],
  ['a batch that is no list', { batch: 16 }, { code: 'ERR_SPARSE_OPTION', tensor: 'batch', received: 16 }],
  ['no batch', { batch: [] }, { code: 'ERR_SPARSE_OPTION', tensor: 'batch' }],
  ['a batch of 0', { batch: [1, 0] }, { code: 'ERR_SPARSE_OPTION', tensor: 'batch', received: 0 }],
  ['a batch of NaN', { batch: [Number.NaN] }, { code: 'ERR_SPARSE_OPTION', tensor: 'batch' }],
  ['a batch of 2.5', { batch: [2.5] }, { code: 'ERR_SPARSE_OPTION', tensor: 'batch', received: 2.5 }],
  ['tune that is no boolean', { tune: 1 }, { code: 'ERR_SPARSE_OPTION', tensor: 'tune', received: 1 }],
  ['options that are a string', 'fast' as never, { code: 'ERR_SPARSE_ARGUMENT', received: 'string' }],
];

describe('compile', () => {
  it.each(compileOptions)('refuses %s', async (_title, given, facts) => {
    const error = (await rejection(compile('no-such-model.json', given))) as SparseError;
    expect(error).toMatchObject(facts);
    expectReadable(error, 'compile');
  });

  it('names the option that was probably meant', async () => {
    const error = (await rejection(compile('model.json', { treads: 2 } as object))) as SparseError;
    expect(error.message).toContain('Did you mean "threads"?');
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['an empty object', {}],
    ['a file that is not there', 'no-such-folder/model.json'],
  ])('refuses %s for a model', async (_title, model) => {
    const error = (await rejection(compile(model as string))) as SparseError;
    expect(error.name).toBe('SparseError');
    expect(['ERR_SPARSE_ARGUMENT', 'ERR_SPARSE_MODEL', 'ERR_SPARSE_FILE']).toContain(error.code);
  });
});

describe('a path', () => {
  it.each([undefined, null, 7, '', 'a\0b', {}])('that is %j is refused by save and load', async (file) => {
    const facts = { code: 'ERR_SPARSE_ARGUMENT', tensor: 'file', received: file ?? undefined };
    if (file === null) Object.assign(facts, { received: null });
    expect(await rejection(one().save(file as string))).toMatchObject(facts);
    expect(await rejection(SparseSession.load(file as string))).toMatchObject(facts);
  });
});
