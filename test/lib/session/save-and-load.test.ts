import { readFile, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../../lib/io/decode-safetensors.ts';
import { encodeSafetensors } from '../../../lib/io/encode-safetensors.ts';
import { savePlan } from '../../../lib/io/plan-file.ts';
import { PlanBuilder } from '../../../lib/plan/builder.ts';
import { emitActivation } from '../../../lib/plan/emit/activation.ts';
import { emitConv2d } from '../../../lib/plan/emit/conv2d.ts';
import { emitDense } from '../../../lib/plan/emit/dense.ts';
import { emitPool } from '../../../lib/plan/emit/pool.ts';
import { emitReshape } from '../../../lib/plan/emit/reshape.ts';
import { sizeOf } from '../../../lib/plan/geometry.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { SparseSession } from '../../../lib/session/session.ts';
import { Random } from '../../helpers/random.ts';
import { prunedKernel, randomPlan } from '../../helpers/random-plan.ts';
import { bits, rejection, sessionOf } from '../../helpers/sessions.ts';
import { plainWindow } from '../../helpers/small-plans.ts';
import { temporaryFolder } from '../../helpers/temp-folder.ts';

const inFolder = temporaryFolder();

// biome-ignore lint/suspicious/noExplicitAny: JSON to be tampered with, of no type
type Loose = any;

/** A convolution, a pool, a flatten, a product and a softmax. */
function smallNetwork(): Plan {
  const random = new Random();
  const pruning = { sparsity: 0.6, block: 1 };
  const plan = new PlanBuilder();
  const conv = emitConv2d(plan, 'conv', plan.input('x', [8, 8, 2]), {
    kernel: prunedKernel(random, 18, 5, pruning),
    outputs: 5,
    window: plainWindow([3, 3]),
  });
  const pool = emitPool(plan, 'pool', conv, 'max', plainWindow([2, 2], [2, 2]));
  const flat = emitReshape(plan, 'flatten', pool, [45])!;
  const dense = emitDense(plan, 'dense', flat, { kernel: prunedKernel(random, 45, 4, pruning), outputs: 4 });
  plan.output('y', emitActivation(plan, 'softmax', dense, { type: 'softmax' }));
  return plan.finish();
}

describe('a saved session', () => {
  it('gives the same bits when it is loaded, and saves to the same bytes', async () => {
    const random = new Random();
    for (let i = 0; i < 10; i++) {
      const plan = randomPlan(random, { sparsity: random.pick([0, 0.5, 0.9]), block: random.pick([1, 4]) });
      const session = sessionOf(plan);
      await session.save(inFolder('session.safetensors'));
      const loaded = await SparseSession.load(inFolder('session.safetensors'));
      expect([loaded.inputs, loaded.outputs]).toEqual([session.inputs, session.outputs]);
      const x = random.floats(3 * sizeOf(plan.values[plan.inputs[0]!.value]!.shape));
      const [before, after] = [session, loaded].map((s) => Object.values(s.run({ x })).map(bits));
      expect(after, `SEED=${random.seed}, plan ${i}`).toEqual(before);
      await loaded.save(inFolder('again.safetensors'));
      expect(await readFile(inFolder('again.safetensors'))).toEqual(
        await readFile(inFolder('session.safetensors')),
      );
    }
  });

  it('takes threads, batch and tune, and refuses what is decided when compiling', async () => {
    await sessionOf(smallNetwork()).save(inFolder('options.safetensors'));
    const options = { threads: 2, batch: [4], tune: true };
    const session = await SparseSession.load(inFolder('options.safetensors'), options);
    expect(session.describe()).toMatchObject({ threads: 2 });
    const wrong = SparseSession.load(inFolder('options.safetensors'), { sparse: 'never' } as object);
    expect(await rejection(wrong)).toMatchObject({ code: 'ERR_SPARSE_OPTION', received: 'sparse' });
  });

  it('is not written when the folder is missing, nor read when the file is', async () => {
    const session = sessionOf(smallNetwork());
    const nowhere = inFolder('missing', 'session.safetensors');
    const refused = { code: 'ERR_SPARSE_FILE', tensor: nowhere };
    expect(await rejection(session.save(nowhere))).toMatchObject(refused);
    expect(await rejection(SparseSession.load(nowhere))).toMatchObject(refused);
  });
});

describe('a tampered file', () => {
  let whole: Buffer;
  let header: Record<string, unknown>;
  beforeAll(async () => {
    await savePlan(smallNetwork(), inFolder('whole.safetensors'));
    whole = await readFile(inFolder('whole.safetensors'));
    const length = Number(whole.readBigUInt64LE(0));
    header = JSON.parse(whole.toString('utf8', 8, 8 + length));
  });

  /** Loads bytes; resolves with the error, or undefined when a session came out. */
  async function load(bytes: Uint8Array): Promise<unknown> {
    await writeFile(inFolder('tampered.safetensors'), bytes);
    try {
      const session = await SparseSession.load(inFolder('tampered.safetensors'));
      session.run(new Float32Array(2 * 128));
      session.dispose();
      return undefined;
    } catch (error) {
      return error;
    }
  }

  function withHeader(change: (header: Loose) => void): Buffer {
    const changed = structuredClone(header);
    change(changed);
    const json = Buffer.from(JSON.stringify(changed));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    return Buffer.concat([length, json, whole.subarray(8 + Number(whole.readBigUInt64LE(0)))]);
  }

  /** The file with another plan around the same tensors. */
  function withPlan(change: (plan: Loose) => void): Uint8Array {
    const { metadata, tensors } = decodeSafetensors(whole, 'whole');
    const plan = JSON.parse(metadata.tfjs_sparse_plan!);
    change(plan);
    const parts = encodeSafetensors({
      metadata: { ...metadata, tfjs_sparse_plan: JSON.stringify(plan) },
      tensors,
    });
    return Buffer.concat(parts);
  }

  it('is no fault of the test: untouched, it loads', async () => {
    expect(await load(whole)).toBeUndefined();
    expect(await load(withPlan(() => undefined))).toBeUndefined();
  });

  it('is refused wherever it is cut, and with bytes behind its end', async () => {
    for (let length = 0; length < whole.length; length += 97)
      expect(await load(whole.subarray(0, length)), `${length} bytes`).toMatchObject({
        code: 'ERR_SPARSE_FILE',
      });
    expect(await load(Buffer.concat([whole, Buffer.from([0])]))).toMatchObject({ code: 'ERR_SPARSE_FILE' });
  });

  it.each([
    ['another magic', () => Buffer.concat([Buffer.from('PK\x03\x04'), whole])],
    ['a header length of 2^64 - 1', () => Buffer.concat([Buffer.alloc(8, 255), whole.subarray(8)])],
    ['offsets that fall', () => withHeader((h) => h['conv/kernel'].data_offsets.reverse())],
    ['negative offsets', () => withHeader((h) => h['conv/kernel'].data_offsets.splice(0, 1, -4))],
    ['offsets behind the end', () => withHeader((h) => h['dense/kernel'].data_offsets.splice(1, 1, 2 ** 40))],
    [
      'offsets that are no integers',
      () => withHeader((h) => h['conv/kernel'].data_offsets.splice(1, 1, 1e300)),
    ],
    ['tensors that overlap', () => withHeader((h) => (h['dense/kernel'] = h['conv/kernel']))],
    ['a shape of 2^32 x 2^32', () => withHeader((h) => (h['conv/kernel'].shape = [2 ** 32, 2 ** 32]))],
    ['a negative size', () => withHeader((h) => (h['conv/kernel'].shape = [-5, -18]))],
    ['a size that is null', () => withHeader((h) => (h['conv/kernel'].shape = [null, 18]))],
    [
      'metadata that are no strings',
      () => withHeader((h) => (h.__metadata__.tfjs_sparse_plan = { steps: [] })),
    ],
  ])('with %s is refused', async (_title, make) => {
    const error = await load(make());
    expect(error).toMatchObject({ code: 'ERR_SPARSE_FILE', tensor: inFolder('tampered.safetensors') });
  });

  it.each<[string, (plan: Loose) => void]>([
    ['a value out of range', (p) => (p.steps[0].inputs = [99])],
    ['a negative value', (p) => (p.outputs[0].value = -1)],
    ['a fractional value', (p) => (p.outputs[0].value = 0.5)],
    ['a step that reads itself', (p) => (p.steps[0].inputs = [p.steps[0].output])],
    ['a step that writes the input', (p) => (p.steps[0].output = 0)],
    ['a size of null', (p) => (p.values[1].channels = null)],
    ['a huge size', (p) => (p.values[0].height = 2 ** 31)],
    ['a size beyond 2^53', (p) => (p.values[0].width = 1e300)],
    ['huge outputs', (p) => (p.steps.at(-2).n = 2 ** 40)],
    ['another k', (p) => (p.steps[0].k = 19)],
    ['a window of 2^31', (p) => (p.steps[0].window.kernel = [2 ** 31, 1])],
    ['a window without strides', (p) => (p.steps[0].window.strides = [0, 0])],
    ['padding as large as the window', (p) => (p.steps[0].window.padding = [3, 3, 3, 3])],
    ['an unknown step', (p) => (p.steps[1].op = 'system')],
    ['a tensor of the prototype', (p) => (p.steps[0].weight = '__proto__')],
    ['an activation of the prototype', (p) => (p.steps[0].activation = { type: 'constructor' })],
    ['an activation without its number', (p) => (p.steps[0].activation = { type: 'leakyRelu', alpha: null })],
    ['no steps', (p) => (p.steps = [])],
    ['no inputs', (p) => (p.inputs = [])],
    ['the next version', (p) => (p.version = 2)],
  ])('with a plan of %s is refused', async (_title, change) => {
    expect(await load(withPlan(change))).toMatchObject({ code: 'ERR_SPARSE_PLAN', name: 'SparseError' });
  });

  it('never crashes, whichever byte of the header was changed', async () => {
    const random = new Random();
    const length = Number(whole.readBigUInt64LE(0));
    for (let i = 0; i < 400; i++) {
      const bytes = Buffer.from(whole);
      bytes[random.integer(0, 8 + length - 1)] = random.integer(0, 255);
      const error = await load(bytes);
      // A changed name or a changed number may still make a sound plan.
      if (error !== undefined)
        expect(error, `SEED=${random.seed}, change ${i}`).toMatchObject({ name: 'SparseError' });
    }
  });
});
