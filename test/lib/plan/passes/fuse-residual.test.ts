import { describe, expect, it } from 'vitest';
import type { PlanBuilder } from '../../../../lib/plan/builder.ts';
import { emitConv2d } from '../../../../lib/plan/emit/conv2d.ts';
import { foldAffine } from '../../../../lib/plan/passes/fold-affine.ts';
import { fuseResidual } from '../../../../lib/plan/passes/fuse-residual.ts';
import { removeDead } from '../../../../lib/plan/passes/remove-dead.ts';
import type { Plan, PlanActivation, ValueId } from '../../../../lib/plan/plan.ts';
import { validatePlan } from '../../../../lib/plan/validate.ts';
import { Random } from '../../../helpers/random.ts';
import { sessionOf } from '../../../helpers/sessions.ts';
import { planOf } from '../../../helpers/small-plans.ts';

const ops = (plan: Plan) => plan.steps.map(({ op, inputs }) => `${op} ${inputs.length}`);

function conv(plan: PlanBuilder, name: string, x: ValueId, channels: number, size = 3): ValueId {
  const inputs = plan.value(x).channels;
  const pad = (size - 1) / 2;
  return emitConv2d(plan, name, x, {
    kernel: new Random().floats(size * size * inputs * channels),
    outputs: channels,
    bias: new Random().floats(channels),
    window: { kernel: [size, size], strides: [1, 1], dilations: [1, 1], padding: [pad, pad, pad, pad] },
  });
}

function add(
  plan: PlanBuilder,
  a: ValueId,
  b: ValueId,
  activation: PlanActivation = { type: 'linear' },
): ValueId {
  const output = plan.addValue('sum', plan.value(a).shape);
  return plan.addStep({ op: 'binary', function: 'add', layer: 'sum', inputs: [a, b], output, activation });
}

/** The sum is the same bits: only where it is made differs. */
function expectSameBits(before: Plan, after: Plan): void {
  validatePlan(removeDead(after));
  const random = new Random();
  const size = before.values[before.inputs[0]!.value]!.shape.reduce((a, b) => a * b);
  const x = random.floats(3 * size);
  for (const threads of [1, 2]) {
    const run = (plan: Plan) => sessionOf(removeDead(plan), { threads }).run(x);
    expect(run(after), `SEED=${random.seed}`).toEqual(run(before));
  }
}

describe('fuseResidual', () => {
  it('lets the convolution add the shortcut and compute the activation behind the sum', () => {
    for (const type of ['linear', 'relu6', 'swish'] as const)
      for (const size of [1, 3])
        for (const flipped of [false, true]) {
          const before = planOf([5, 7, 6], (plan, x) => {
            const y = conv(plan, 'conv', x, 6, size);
            return flipped ? add(plan, x, y, { type }) : add(plan, y, x, { type });
          });
          const after = fuseResidual(before);
          expect(after.steps).toMatchObject([{ op: 'conv2d', layer: 'conv+sum', activation: { type } }]);
          expect(after.steps[0]!.inputs).toEqual([before.inputs[0]!.value, before.inputs[0]!.value]);
          expectSameBits(before, after);
        }
  });

  it('takes the later of two products, and runs it where the sum stood', () => {
    const before = planOf([4, 4, 3], (plan, x) => {
      const early = conv(plan, 'early', x, 8);
      return add(plan, early, conv(plan, 'late', x, 8));
    });
    const after = fuseResidual(before);
    expect(after.steps.map(({ layer }) => layer)).toEqual(['early', 'late+sum']);
    expectSameBits(before, after);
  });

  it('waits for the other operand when that is made after the product', () => {
    const before = planOf([4, 4, 3], (plan, x) => {
      const product = conv(plan, 'product', x, 3);
      const output = plan.addValue('act', plan.value(x).shape);
      const other = plan.addStep({
        op: 'activation',
        layer: 'act',
        inputs: [x],
        output,
        activation: { type: 'tanh' },
      });
      return add(plan, product, other);
    });
    const after = fuseResidual(before);
    expect(after.steps.map(({ layer }) => layer)).toEqual(['act', 'product+sum']);
    expectSameBits(before, after);
  });

  it('leaves a product that is read elsewhere, one with an activation, and one channel over all', () => {
    const shared = planOf([4, 4, 3], (plan, x) => {
      const y = conv(plan, 'conv', x, 3);
      plan.output('raw', y);
      return add(plan, y, x);
    });
    expect(ops(fuseResidual(shared))).toEqual(['conv2d 1', 'binary 2']);
    const doubled = planOf([4, 4, 3], (plan, x) => {
      const y = conv(plan, 'conv', x, 3);
      return add(plan, y, y);
    });
    expect(ops(fuseResidual(doubled))).toEqual(['conv2d 1', 'binary 2']);
    const broadcast = planOf([4, 4, 1], (plan, x) => add(plan, conv(plan, 'conv', x, 3), x));
    expect(ops(fuseResidual(broadcast))).toEqual(['conv2d 1', 'binary 2']);
  });

  it('keeps a normalization behind the sum out of the weights', () => {
    const plan = fuseResidual(
      planOf([4, 4, 3], (builder, x) => add(builder, conv(builder, 'conv', x, 3), x)),
    );
    const [output] = plan.outputs;
    const scaled: Plan = {
      ...plan,
      values: [...plan.values, { ...plan.values[output!.value]!, name: 'bn' }],
      tensors: {
        ...plan.tensors,
        scale: { shape: [3], data: Float32Array.of(2, 3, 4) },
        shift: { shape: [3], data: Float32Array.of(1, 1, 1) },
      },
      steps: [
        ...plan.steps,
        {
          op: 'affine',
          layer: 'bn',
          inputs: [output!.value],
          output: plan.values.length,
          scale: 'scale',
          shift: 'shift',
          activation: { type: 'linear' },
        },
      ],
      outputs: [{ name: 'y', value: plan.values.length }],
    };
    expect(ops(foldAffine(scaled))).toEqual(['conv2d 2', 'affine 1']);
  });
});

describe('a product that adds', () => {
  it('refuses an addend of another size, and a third input', () => {
    const plan = planOf([4, 4, 3], (builder, x) =>
      add(builder, conv(builder, 'conv', x, 6), conv(builder, 'b', x, 6)),
    );
    const fused = removeDead(fuseResidual(plan));
    const broken = (inputs: (own: number[]) => number[]): Plan => ({
      ...fused,
      steps: fused.steps.map((step) =>
        step.inputs.length === 2 ? { ...step, inputs: inputs(step.inputs) } : step,
      ),
    });
    expect(() => validatePlan(broken(([x]) => [x!, x!]))).toThrowError(/"b\+sum"|"conv\+sum"/);
    expect(() => validatePlan(broken(([x, r]) => [x!, r!, r!]))).toThrowError(/one or two values/);
  });
});
