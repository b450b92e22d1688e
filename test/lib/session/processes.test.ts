import { describe, expect, it } from 'vitest';
import { savePlan } from '../../../lib/io/plan-file.ts';
import { nativeInfo } from '../../../lib/native/info.ts';
import { runScript, urlOf } from '../../helpers/child.ts';
import { Random } from '../../helpers/random.ts';
import { randomPlan } from '../../helpers/random-plan.ts';
import { relativeDifference } from '../../helpers/sessions.ts';
import { temporaryFolder } from '../../helpers/temp-folder.ts';

const inFolder = temporaryFolder();
const { isasBuilt, isasSupported } = nativeInfo();
const isas = isasBuilt.filter((isa) => isasSupported.includes(isa));

interface Answer {
  isa: string;
  kernels: string[];
  outputs: number[][];
}

describe('a forced instruction set', () => {
  it('runs, says so, and agrees with the others', async () => {
    const random = new Random();
    const files: string[] = [];
    for (let i = 0; i < 12; i++) {
      const sparsity = random.pick([0, 0.5, 0.9]);
      files.push(inFolder(`${i}.safetensors`));
      await savePlan(randomPlan(random, { sparsity, block: random.pick([1, 4]) }), files[i]!);
    }
    const script = `
      import { SparseSession } from ${JSON.stringify(urlOf('lib/session/session.ts'))};
      const answer = { isa: '', kernels: [], outputs: [] };
      for (const file of ${JSON.stringify(files)}) {
        const session = await SparseSession.load(file, { batch: [1, 16] });
        const size = session.inputs[0].shape.slice(1).reduce((a, b) => a * b, 1);
        for (const batch of [1, 3, 16]) {
          const x = Float32Array.from({ length: batch * size }, (_, i) => Math.sin(i * i));
          for (const y of Object.values(session.run({ x }))) answer.outputs.push([...y]);
          const { isa, steps } = session.describe(batch);
          answer.isa = isa;
          answer.kernels.push(...steps.map((step) => step.kernel));
        }
      }
      console.log(JSON.stringify(answer));`;
    const answers = isas.map((isa) => {
      const { status, output, stderr } = runScript(script, { TFJS_SPARSE_ISA: isa });
      expect(status, stderr).toBe(0);
      return output as Answer;
    });
    expect(answers.length).toBeGreaterThan(0);
    for (const [i, { isa, kernels, outputs }] of answers.entries()) {
      expect(isa).toBe(isas[i]);
      // A family without a kernel for an instruction set falls back to a simpler one, never to a better one.
      const own = kernels.filter((kernel) => kernel.endsWith(`__${isa}`));
      expect(own.length, kernels.join()).toBeGreaterThan(isa === 'scalar' ? kernels.length - 1 : 0);
      for (const [o, output] of outputs.entries())
        expect(
          relativeDifference(output, answers[0]!.outputs[o]!),
          `${isa}, SEED=${random.seed}`,
        ).toBeLessThan(1e-5);
    }
  });

  it('that does not exist is refused when the addon is loaded', () => {
    const script = `
      import { nativeInfo } from ${JSON.stringify(urlOf('lib/native/info.ts'))};
      try { nativeInfo(); } catch ({ name, code, message }) { console.log(JSON.stringify({ name, code, message })); }`;
    const { output } = runScript(script, { TFJS_SPARSE_ISA: 'sse9' });
    expect(output).toMatchObject({ name: 'SparseError', code: 'ERR_SPARSE_ISA' });
    expect((output as Error).message).toContain('sse9');
  });
});
