import { readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { lowerModel } from '../../../lib/compile/lower-model.ts';
import { writeFileAtomic } from '../../../lib/io/atomic-write.ts';
import { decodeSafetensors } from '../../../lib/io/decode-safetensors.ts';
import { encodeSafetensors } from '../../../lib/io/encode-safetensors.ts';
import { loadPlan, savePlan } from '../../../lib/io/plan-file.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { randomizeWeights } from '../../helpers/against-tfjs.ts';
import { articleCnn, nestedModel } from '../../helpers/models.ts';
import { Random } from '../../helpers/random.ts';
import { planOf as planOfSteps } from '../../helpers/small-plans.ts';
import { temporaryFolder } from '../../helpers/temp-folder.ts';

const inFolder = temporaryFolder();

async function planOf(make: typeof articleCnn | typeof nestedModel): Promise<Plan> {
  const model = make();
  randomizeWeights(model, new Random());
  return lowerModel(model);
}

describe('a plan file', () => {
  it.each([articleCnn, nestedModel])('gives back the plan of %o bit for bit', async (make) => {
    const plan = await planOf(make);
    Object.values(plan.tensors)[0]!.data.set([-0, Number.NaN, Number.NEGATIVE_INFINITY].slice(0, 2));
    await savePlan(plan, inFolder('plan.safetensors'));
    const loaded = await loadPlan(inFolder('plan.safetensors'));
    expect(loaded).toEqual(plan);
    expect(Object.is(Object.values(loaded.tensors)[0]!.data[0], -0)).toBe(true);
    // Saving again replaces the file and leaves nothing beside it.
    await savePlan(loaded, inFolder('plan.safetensors'));
    const beside = (await readdir(inFolder())).filter((name) => name.startsWith('plan.'));
    expect(beside).toEqual(['plan.safetensors']);
  });

  it('keeps padding of minus infinity, which JSON does not know', async () => {
    const plan = planOfSteps([2, 1], (builder, x) => {
      const output = builder.addValue('pad', [3, 1]);
      const entries = { rows: [0], columns: [-1, 0, 1], channels: [0], fill: Number.NEGATIVE_INFINITY };
      return builder.addStep({ op: 'pick', layer: 'pad', inputs: [x], output, ...entries });
    });
    await savePlan(plan, inFolder('fill.safetensors'));
    expect(await loadPlan(inFolder('fill.safetensors'))).toEqual(plan);
  });

  it('is refused wherever it is cut', async () => {
    await savePlan(await planOf(articleCnn), inFolder('whole.safetensors'));
    const whole = await readFile(inFolder('whole.safetensors'));
    for (const length of [0, 7, 8, 100, 1000, whole.length - 1]) {
      await writeFile(inFolder('cut.safetensors'), whole.subarray(0, length));
      await expect(loadPlan(inFolder('cut.safetensors'))).rejects.toMatchObject({ code: 'ERR_SPARSE_FILE' });
    }
  });

  it('is refused when its plan is missing, no JSON, or does not fit its tensors', async () => {
    await savePlan(await planOf(articleCnn), inFolder('good.safetensors'));
    const { metadata, tensors } = decodeSafetensors(await readFile(inFolder('good.safetensors')), 'good');
    const plan = metadata.tfjs_sparse_plan!;
    const cases: [Record<string, string>, typeof tensors, string][] = [
      [{}, tensors, 'ERR_SPARSE_FILE'],
      [{ tfjs_sparse_plan: '{' }, tensors, 'ERR_SPARSE_FILE'],
      [{ tfjs_sparse_plan: '[]' }, tensors, 'ERR_SPARSE_FILE'],
      [{ tfjs_sparse_plan: plan }, tensors.map((tensor) => ({ ...tensor, dtype: 'U32' })), 'ERR_SPARSE_FILE'],
      [{ tfjs_sparse_plan: plan }, tensors.map((tensor) => ({ ...tensor, dtype: 'I32' })), 'ERR_SPARSE_PLAN'],
      [{ tfjs_sparse_plan: plan }, tensors.slice(1), 'ERR_SPARSE_PLAN'],
      [{ tfjs_sparse_plan: plan.replace('"k":2028', '"k":2029') }, tensors, 'ERR_SPARSE_PLAN'],
      [{ tfjs_sparse_plan: `${'['.repeat(50_000)}${']'.repeat(50_000)}` }, tensors, 'ERR_SPARSE_FILE'],
    ];
    for (const [changed, list, code] of cases) {
      await writeFileAtomic(
        inFolder('bad.safetensors'),
        encodeSafetensors({ metadata: changed, tensors: list }),
      );
      await expect(
        loadPlan(inFolder('bad.safetensors')),
        JSON.stringify(changed).slice(0, 60),
      ).rejects.toMatchObject({
        code,
      });
    }
  });

  it('reads tensors that another writer left unaligned', async () => {
    const plan = await planOf(articleCnn);
    await savePlan(plan, inFolder('aligned.safetensors'));
    const bytes = await readFile(inFolder('aligned.safetensors'));
    // The header ends in spaces; one less moves all tensors by a byte.
    const length = Number(bytes.readBigUInt64LE(0));
    const moved = Buffer.concat([bytes.subarray(0, 7 + length), bytes.subarray(8 + length)]);
    moved.writeBigUInt64LE(BigInt(length - 1));
    await writeFile(inFolder('moved.safetensors'), moved);
    expect(await loadPlan(inFolder('moved.safetensors'))).toEqual(plan);
  });

  it('names the file that cannot be read or written, and leaves nothing behind', async () => {
    await expect(loadPlan(inFolder('none.safetensors'))).rejects.toMatchObject({
      code: 'ERR_SPARSE_FILE',
      message: expect.stringMatching(/none\.safetensors: cannot be read \(ENOENT\)/),
    });
    await expect(savePlan(await planOf(articleCnn), inFolder('no-folder', 'a'))).rejects.toMatchObject({
      code: 'ERR_SPARSE_FILE',
      message: expect.stringMatching(/cannot be written \(ENOENT\)/),
    });
    const before = await readdir(inFolder());
    // A folder cannot be replaced by a file: the rename fails after everything was written.
    await expect(writeFileAtomic(inFolder(), [new Uint8Array(1)])).rejects.toMatchObject({
      code: 'ERR_SPARSE_FILE',
    });
    expect(await readdir(inFolder())).toEqual(before);
  });
});
