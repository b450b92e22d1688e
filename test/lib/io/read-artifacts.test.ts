import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { SparseError } from '../../../lib/errors.ts';
import { readArtifacts } from '../../../lib/io/read-artifacts.ts';
import { temporaryFolder } from '../../helpers/temp-folder.ts';

const inFolder = temporaryFolder();
const modelTopology = { class_name: 'Sequential', config: { layers: [] } };

interface Group {
  paths: unknown[];
  weights: unknown[];
}

/** Writes a model.json with its weight files and returns its path. */
async function writeModel(
  name: string,
  weightsManifest: readonly Group[] | unknown,
  files: Readonly<Record<string, Uint8Array>> = {},
): Promise<string> {
  await mkdir(inFolder(name), { recursive: true });
  for (const [file, bytes] of Object.entries(files)) await writeFile(inFolder(name, file), bytes);
  await writeFile(inFolder(name, 'model.json'), JSON.stringify({ modelTopology, weightsManifest }));
  return inFolder(name, 'model.json');
}

function bytesOf(...arrays: ArrayBufferView[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    Buffer.concat(arrays.map((a) => new Uint8Array(a.buffer, a.byteOffset, a.byteLength))),
  );
}

async function errorOf(promise: Promise<unknown>): Promise<SparseError> {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(SparseError);
  return error as SparseError;
}

describe('readArtifacts', () => {
  it('reads weights that lie across files, in several groups', async () => {
    const a = Float32Array.of(1, 2, 3, 4, 5);
    const b = Int32Array.of(-7, 8);
    const bytes = bytesOf(a, b);
    const file = await writeModel(
      'sharded',
      [
        {
          paths: ['one.bin', 'two.bin'],
          weights: [
            { name: 'a', shape: [5], dtype: 'float32' },
            { name: 'b', shape: [2], dtype: 'int32' },
          ],
        },
        { paths: ['three.bin'], weights: [{ name: 'c', shape: [3], dtype: 'bool' }] },
      ],
      { 'one.bin': bytes.subarray(0, 7), 'two.bin': bytes.subarray(7), 'three.bin': Uint8Array.of(1, 0, 1) },
    );
    const { weights, format } = await readArtifacts(file);
    expect(format).toBe('layers');
    expect(weights.get('a')).toMatchObject({ shape: [5], dtype: 'float32', data: a });
    expect(weights.get('b')!.data).toEqual(b);
    expect(weights.get('c')!.data).toEqual(Uint8Array.of(1, 0, 1));
  });

  it('undoes quantization: value = stored · scale + min, halves exactly, whole numbers rounded', async () => {
    const halves = [
      [0x3c00, 1],
      [0xc000, -2],
      [0x3555, 0.333251953125],
      [0x0001, 2 ** -24],
      [0x8000, -0],
      [0x7bff, 65504],
      [0xfc00, Number.NEGATIVE_INFINITY],
      [0x7e00, Number.NaN],
    ] as const;
    const quantization = (dtype: string, scale = 0.1, min = -1) => ({ quantization: { dtype, scale, min } });
    const file = await writeModel(
      'quantized',
      [
        {
          paths: ['w.bin'],
          weights: [
            { name: 'half', shape: [halves.length], dtype: 'float32', quantization: { dtype: 'float16' } },
            { name: 'wide', shape: [3], dtype: 'float32', ...quantization('uint16', 1e-4, -2) },
            { name: 'byte', shape: [2, 2], dtype: 'float32', ...quantization('uint8') },
            { name: 'whole', shape: [2], dtype: 'int32', ...quantization('uint8', 0.5, -3) },
          ],
        },
      ],
      {
        'w.bin': bytesOf(
          Uint16Array.from(halves, ([bits]) => bits),
          Uint16Array.of(0, 20_000, 65_535),
          Uint8Array.of(0, 10, 11, 255),
          Uint8Array.of(1, 8),
        ),
      },
    );
    const { weights } = await readArtifacts(file);
    expect([...(weights.get('half')!.data as Float32Array)]).toEqual(halves.map(([, value]) => value));
    expect(weights.get('wide')!.data).toEqual(Float32Array.of(-2, 0, 65_535 * 1e-4 - 2));
    expect(weights.get('byte')!.data).toEqual(Float32Array.of(-1, 0, 11 * 0.1 - 1, 255 * 0.1 - 1));
    expect(weights.get('whole')!.data).toEqual(Int32Array.of(-2, 1));
  });

  it('skips the state of the optimizer, text and complex numbers keep their place', async () => {
    const weightData = bytesOf(
      Float32Array.of(9, 9),
      Uint8Array.of(2, 0, 0, 0, 0x68, 0x69, 0, 0, 0, 0),
      Float32Array.of(1, 2, 3),
    ).buffer;
    const { weights } = await readArtifacts({
      modelTopology,
      weightSpecs: [
        { name: 'slot', shape: [2], dtype: 'float32', group: 'optimizer' },
        { name: 'text', shape: [2], dtype: 'string' },
        { name: 'z', shape: [1], dtype: 'complex64' },
        { name: 'x', shape: [], dtype: 'float32' },
      ] as never,
      weightData,
    });
    expect([...weights.keys()]).toEqual(['text', 'z', 'x']);
    expect((weights.get('text')!.data as Uint8Array[]).map((bytes) => Buffer.from(bytes).toString())).toEqual(
      ['hi', ''],
    );
    expect(weights.get('z')!.data).toEqual(Float32Array.of(1, 2));
    expect(weights.get('x')!.data).toEqual(Float32Array.of(3));
  });

  it('reads weight data in one buffer or in several', async () => {
    const whole = Float32Array.of(1, 2, 3).buffer;
    const weightSpecs = [{ name: 'w', shape: [3], dtype: 'float32' }];
    const expected = Float32Array.of(1, 2, 3);
    for (const weightData of [whole, [whole.slice(0, 5), whole.slice(5)]]) {
      const { weights } = await readArtifacts({ modelTopology, weightSpecs, weightData });
      expect(weights.get('w')!.data).toEqual(expected);
    }
  });

  it.each(['../secret.bin', '/etc/hostname', 'a/../../secret.bin', '..', '', 7, null])(
    'reads no weight file outside the folder of the model: %s',
    async (name) => {
      await writeFile(inFolder('secret.bin'), new Uint8Array(4));
      const weights = [{ name: 'w', shape: [1], dtype: 'float32' }];
      const error = await errorOf(readArtifacts(await writeModel('leaving', [{ paths: [name], weights }])));
      expect(error).toMatchObject({ code: 'ERR_SPARSE_MODEL', received: name });
      expect(error.message).toMatch(/weight files inside the folder of the model/);
    },
  );

  it('reads a weight file in a folder below', async () => {
    await mkdir(inFolder('deep', 'shards'), { recursive: true });
    const file = await writeModel(
      'deep',
      [{ paths: ['shards/..a.bin'], weights: [{ name: 'w', shape: [1], dtype: 'float32' }] }],
      { 'shards/..a.bin': bytesOf(Float32Array.of(4)) },
    );
    expect((await readArtifacts(file)).weights.get('w')!.data).toEqual(Float32Array.of(4));
    const relative = path.relative(process.cwd(), file);
    for (const written of [relative, `file://${file}`, `file://${relative}`])
      expect((await readArtifacts(written)).weights.size).toBe(1);
  });

  it('fetches nothing', async () => {
    const error = await errorOf(readArtifacts('https://example.org/model.json'));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_MODEL', expected: 'a path' });
    expect(error.message).toMatch(/Download the model/);
  });

  it.each([
    ['too few', 7, /weight "b" ends at byte 8, the weight data has 7/],
    ['too many', 9, /the weights take 8 bytes, the weight data has 9/],
    ['no', 0, /weight "a" ends at byte 4, the weight data has 0/],
  ])('%s bytes', async (name, bytes, message) => {
    const weights = ['a', 'b'].map((weight) => ({ name: weight, shape: [1], dtype: 'float32' }));
    const file = await writeModel(`bytes-${name}`, [{ paths: ['w.bin'], weights }], {
      'w.bin': new Uint8Array(bytes),
    });
    const error = await errorOf(readArtifacts(file));
    expect(error.code).toBe('ERR_SPARSE_MODEL');
    expect(error.message).toMatch(message);
  });

  it.each<[string, unknown, RegExp]>([
    ['a name that is missing', { shape: [1], dtype: 'float32' }, /name of weight/],
    ['a negative size', { name: 'w', shape: [-1], dtype: 'float32' }, /shape of weight "w"/],
    ['a size that is no number', { name: 'w', shape: ['1'], dtype: 'float32' }, /shape of weight "w"/],
    [
      'a size beyond all memory',
      { name: 'w', shape: [2 ** 31, 2 ** 31], dtype: 'float32' },
      /at most 2147483647/,
    ],
    ['an unknown dtype', { name: 'w', shape: [1], dtype: 'float64' }, /dtype of weight "w".*"float64"/],
    [
      'an unknown quantization',
      { name: 'w', shape: [1], dtype: 'float32', quantization: { dtype: 'int4' } },
      /quantization.dtype of weight "w"/,
    ],
    [
      'a missing scale',
      { name: 'w', shape: [1], dtype: 'float32', quantization: { dtype: 'uint8', min: 0 } },
      /quantization.scale of weight "w".*received nothing/,
    ],
    [
      'a quantized bool',
      { name: 'w', shape: [1], dtype: 'bool', quantization: { dtype: 'uint8', scale: 1, min: 0 } },
      /dtype under uint8 quantization/,
    ],
    ['no object', 'w', /name of weight/],
  ])('a manifest entry with %s', async (_, spec, message) => {
    const error = await errorOf(
      readArtifacts({ modelTopology, weightSpecs: [spec] as never, weightData: new ArrayBuffer(4) }),
    );
    expect(error.code).toBe('ERR_SPARSE_MODEL');
    expect(error.message).toMatch(message);
  });

  it('a file that is missing, no JSON, no model, or has a broken manifest', async () => {
    expect((await errorOf(readArtifacts(inFolder('none.json')))).message).toMatch(
      /cannot read it \(ENOENT\)/,
    );
    await writeFile(inFolder('text.json'), 'not json');
    expect((await errorOf(readArtifacts(inFolder('text.json')))).message).toMatch(/is not JSON/);
    await writeFile(inFolder('list.json'), '[]');
    expect((await errorOf(readArtifacts(inFolder('list.json')))).message).toMatch(/expected an object/);
    await writeFile(inFolder('weights.json'), '{"weightsManifest": []}');
    expect((await errorOf(readArtifacts(inFolder('weights.json')))).message).toMatch(/holds weights only/);
    for (const manifest of ['none', [7], [{ paths: [] }]]) {
      const error = await errorOf(readArtifacts(await writeModel('broken', manifest)));
      expect(error.message).toMatch(/weightsManifest/);
    }
    const missing = await writeModel('missing', [{ paths: ['gone.bin'], weights: [] }]);
    expect((await errorOf(readArtifacts(missing))).message).toMatch(/gone\.bin \(ENOENT\)/);
  });

  it('weight data that is no buffer, and two weights of one name', async () => {
    const weightSpecs = [1, 2].map(() => ({ name: 'same', shape: [1], dtype: 'float32' }));
    const data = Float32Array.of(1, 2);
    expect(
      await errorOf(readArtifacts({ modelTopology, weightSpecs, weightData: data as never })),
    ).toMatchObject({
      code: 'ERR_SPARSE_MODEL',
      tensor: 'weightData',
      received: 'a Float32Array',
    });
    expect(
      await errorOf(readArtifacts({ modelTopology, weightSpecs, weightData: data.buffer })),
    ).toMatchObject({
      code: 'ERR_SPARSE_MODEL',
      tensor: 'same',
    });
  });

  it('an object with a save method that saves nothing, or fails', async () => {
    expect(await errorOf(readArtifacts({ save: async () => {} }))).toMatchObject({
      code: 'ERR_SPARSE_MODEL',
      message: expect.stringContaining('never gave artifacts'),
    });
    const cause = new Error('gone');
    expect(await errorOf(readArtifacts({ save: () => Promise.reject(cause) }))).toMatchObject({
      code: 'ERR_SPARSE_MODEL',
      cause,
    });
  });

  it('tells a GraphModel from a LayersModel', async () => {
    expect((await readArtifacts({ modelTopology: { node: [] }, weightSpecs: [] })).format).toBe('graph');
  });
});
