import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { SparseError } from '../../../lib/errors.ts';
import { encodeFloat16 } from '../../../lib/io/encode-float16.ts';
import { compile } from '../../../lib/session/compile.ts';
import { smallModels, writeModelFolder } from '../../helpers/model-folder.ts';
import { rejection } from '../../helpers/sessions.ts';
import { temporaryFolder } from '../../helpers/temp-folder.ts';

const inFolder = temporaryFolder();
const kernel = Float32Array.of(1, -2, 0.5, 0.25, -0.125, 3);
const bias = Float32Array.of(0.5, -1);
const values = Float32Array.of(...kernel, ...bias);
const bytes = new Uint8Array(values.buffer);
const x = Float32Array.of(1, 2, 3);
/** x · kernel + bias */
const expected = Float32Array.of(1 + 1 - 0.375 + 0.5, -2 + 0.5 + 9 - 1);

describe.each(Object.entries(smallModels))('weights of a %s', (kind, make) => {
  const write = (
    name: string,
    paths: unknown,
    files: Record<string, Uint8Array>,
    weights: unknown = make().weights,
  ) => {
    const manifest = [{ paths, weights }];
    return writeModelFolder(
      inFolder(kind, name),
      { modelTopology: make().topology, weightsManifest: manifest },
      files,
    );
  };
  const errorOf = async (file: string) => {
    const error = (await rejection(compile(file))) as SparseError;
    expect(error.name).toMatch(/^(SparseError|UnsupportedLayerError)$/);
    expect(error.message).not.toMatch(/undefined|\[object/);
    return error;
  };
  const run = async (file: string) => {
    const session = await compile(file);
    const y = session.run(x) as Float32Array;
    session.dispose();
    return y;
  };

  it('may lie across files, at any byte', async () => {
    for (const cut of [1, 24, 26, 31])
      expect(
        await run(
          await write('cut', ['a.bin', 'b.bin'], { 'a.bin': bytes.slice(0, cut), 'b.bin': bytes.slice(cut) }),
        ),
      ).toEqual(expected);
  });

  it('may be in groups, each with its own quantization', async () => {
    const [k, b] = make().weights as [object, object];
    const groups = [
      { paths: ['k.bin'], weights: [{ ...k, quantization: { dtype: 'uint8', scale: 0.125, min: -2 } }] },
      { paths: ['b.bin'], weights: [{ ...b, quantization: { dtype: 'uint16', scale: 2 ** -10, min: -1 } }] },
    ];
    const file = await writeModelFolder(
      inFolder(kind, 'groups'),
      { modelTopology: make().topology, weightsManifest: groups },
      {
        'k.bin': Uint8Array.from(kernel, (value) => (value + 2) / 0.125),
        'b.bin': new Uint8Array(Uint16Array.from(bias, (value) => (value + 1) * 1024).buffer),
      },
    );
    expect(await run(file)).toEqual(expected);
  });

  it('may be halves, an odd one across two files', async () => {
    const halves = new Uint8Array(encodeFloat16(values).buffer);
    const weights = make().weights.map((weight) => ({ ...weight, quantization: { dtype: 'float16' } }));
    const files = { 'a.bin': halves.slice(0, 5), 'b.bin': halves.slice(5) };
    expect(await run(await write('halves', ['a.bin', 'b.bin'], files, weights))).toEqual(expected);
  });

  it.each([
    ['one byte less', bytes.slice(0, -1), { tensor: 'd/bias', expected: 32, received: 31 }],
    ['nothing', bytes.slice(0, 0), { tensor: 'd/kernel', expected: 24, received: 0 }],
    ['one byte more', Uint8Array.of(...bytes, 0), { expected: 32, received: 33 }],
  ])('have the length that is told: %s', async (_, data, facts) => {
    const error = await errorOf(await write('length', ['w.bin'], { 'w.bin': data }));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_MODEL', ...facts });
  });

  it('are all there, once', async () => {
    const [k, b] = make().weights;
    const missing = await errorOf(await write('missing', ['w.bin'], { 'w.bin': bytes.slice(24) }, [b]));
    expect(missing).toMatchObject({ code: 'ERR_SPARSE_MODEL', received: 'nothing' });
    expect(missing.message).toContain('kernel');
    const twice = await errorOf(await write('twice', ['w.bin', 'w.bin'], { 'w.bin': bytes }, [k, b, k, b]));
    expect(twice).toMatchObject({ code: 'ERR_SPARSE_MODEL', tensor: 'd/kernel' });
    const none = await writeModelFolder(inFolder(kind, 'none'), { modelTopology: make().topology });
    expect(await errorOf(none)).toMatchObject({ code: 'ERR_SPARSE_MODEL' });
  });

  it('have the shape that the model needs', async () => {
    const [k, b] = make().weights;
    const flat = await write('flat', ['w.bin'], { 'w.bin': bytes }, [{ ...k, shape: [6] }, b]);
    expect(await errorOf(flat)).toMatchObject({ code: 'ERR_SPARSE_SHAPE' });
    const empty = await write('empty', ['w.bin'], { 'w.bin': bytes.slice(24) }, [{ ...k, shape: [0, 2] }, b]);
    expect(await errorOf(empty)).toMatchObject({ code: 'ERR_SPARSE_SHAPE' });
  });

  it.each([
    '../secret.bin',
    '..',
    '.',
    '/etc/hostname',
    '//etc/hostname',
    'a/../../secret.bin',
    'link.bin',
    'up/secret.bin',
  ])('never come from outside the folder: %s', async (path) => {
    await mkdir(inFolder(kind, 'leaving'), { recursive: true });
    await writeFile(inFolder(kind, 'secret.bin'), bytes);
    await symlink('../secret.bin', inFolder(kind, 'leaving', 'link.bin')).catch(() => undefined);
    await symlink('..', inFolder(kind, 'leaving', 'up')).catch(() => undefined);
    const error = await errorOf(await write('leaving', [path], {}));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_MODEL' });
    expect(error.message).toMatch(/expected weight files inside the folder of the model/);
  });

  it.each([
    '%2e%2e/secret.bin',
    '..%2fsecret.bin',
    'file:///etc/hostname',
    'https://example.org/w.bin',
    'w\0.bin',
    'sub',
  ])('are read by their names as they stand: %j is no file', async (path) => {
    await writeFile(inFolder(kind, 'secret.bin'), bytes);
    await mkdir(inFolder(kind, 'names', 'sub'), { recursive: true });
    expect(await errorOf(await write('names', [path], {}))).toMatchObject({ code: 'ERR_SPARSE_MODEL' });
  });

  it('may be links inside the folder', async () => {
    const file = await write('inside', ['link.bin'], { 'w.bin': bytes });
    await symlink('w.bin', inFolder(kind, 'inside', 'link.bin'));
    expect(await run(file)).toEqual(expected);
  });
});

describe('a model.json', () => {
  it.each([
    '',
    ' ',
    '{',
    'null',
    '[]',
    '"x"',
    '7',
    '{}',
    '[['.repeat(50_000),
    '{"modelTopology":null}',
    '{"modelTopology":[]}',
  ])('that holds %.20j is refused by name', async (text) => {
    const file = await writeModelFolder(inFolder('text'), text);
    const error = (await rejection(compile(file))) as SparseError;
    expect(error).toMatchObject({ name: 'SparseError', code: 'ERR_SPARSE_MODEL' });
    expect(error.message).toContain(file);
  });
});
