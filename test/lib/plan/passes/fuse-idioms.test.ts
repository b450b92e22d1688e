import { describe, expect, it } from 'vitest';
import type { PlanBuilder } from '../../../../lib/plan/builder.ts';
import { emitActivation } from '../../../../lib/plan/emit/activation.ts';
import { emitAffine } from '../../../../lib/plan/emit/affine.ts';
import { emitConv2d } from '../../../../lib/plan/emit/conv2d.ts';
import { fuseActivation } from '../../../../lib/plan/passes/fuse-activation.ts';
import { fuseIdioms } from '../../../../lib/plan/passes/fuse-idioms.ts';
import { optimizePlan } from '../../../../lib/plan/passes/optimize.ts';
import { removeDead } from '../../../../lib/plan/passes/remove-dead.ts';
import type { Plan, PreluStep, ValueId } from '../../../../lib/plan/plan.ts';
import { Random } from '../../../helpers/random.ts';
import { sessionOf } from '../../../helpers/sessions.ts';
import { plainWindow, planOf } from '../../../helpers/small-plans.ts';

const ops = (plan: Plan) => plan.steps.map(({ op }) => op);

function like(plan: PlanBuilder, x: ValueId, step: object, inputs = [x]): ValueId {
  const output = plan.addValueIn('y', plan.value(x).shape, plan.value(x));
  return plan.addStep({ layer: 'y', inputs, output, ...step } as never);
}
const binary = (plan: PlanBuilder, fn: string, a: ValueId, b: ValueId) =>
  like(plan, a, { op: 'binary', function: fn, activation: { type: 'linear' } }, [a, b]);
function affine(plan: PlanBuilder, x: ValueId, scale: number | number[], shift: number): ValueId {
  const { channels } = plan.value(x);
  const scales = typeof scale === 'number' ? new Array<number>(channels).fill(scale) : scale;
  return emitAffine(plan, 'affine', x, {
    scale: Float32Array.from(scales),
    shift: new Float32Array(scales.length).fill(shift),
  });
}

/** x · `sixth` and relu6(x + `three`), multiplied. */
function hardSwish(
  plan: PlanBuilder,
  x: ValueId,
  { sixth = (1 / 6) as number | number[], three = 3, swapped = false } = {},
): ValueId {
  const a = affine(plan, x, sixth, 0);
  const b = emitActivation(plan, 'relu6', affine(plan, x, 1, three), { type: 'relu6' });
  return swapped ? binary(plan, 'mul', b, a) : binary(plan, 'mul', a, b);
}

function prelu(
  plan: PlanBuilder,
  x: ValueId,
  { slopes = [0.1, -0.2], shift = 0, fn = 'sub', swapped = false } = {},
): ValueId {
  const relu = emitActivation(plan, 'relu', x, { type: 'relu' });
  const difference = binary(plan, fn, x, like(plan, x, { op: 'unary', function: 'abs' }));
  const scaled = affine(plan, difference, slopes, shift);
  return swapped ? binary(plan, 'add', scaled, relu) : binary(plan, 'add', relu, scaled);
}

/** Every kind of number, on both sides of where the functions bend. */
function expectSameResults(before: Plan, after: Plan): void {
  const random = new Random();
  const x = random.floats(3 * 4 * 5 * 2, 3);
  x.set([0, 3, -3, 6, -6, 2.9999998, -2.9999998, 1e-30, -1e-30, 1e30, -1e30, 40]);
  const [expected, got] = [before, after].map((plan) => [...sessionOf(removeDead(plan)).run(x)]);
  // A zero may have the other sign.
  expect(
    got!.map((value) => value + 0),
    `SEED=${random.seed}`,
  ).toEqual(expected!.map((value) => value + 0));
}

describe('fuseIdioms', () => {
  it('makes one activation of a hard swish that is spelled out, which the step before computes', () => {
    for (const [sixth, swapped] of [
      [1 / 6, false],
      // As float16 has it.
      [0.1666259765625, true],
    ] as const) {
      const before = fuseActivation(planOf([4, 5, 2], (plan, x) => hardSwish(plan, x, { sixth, swapped })));
      expect(ops(before)).toEqual(['affine', 'affine', 'binary']);
      const after = fuseIdioms(before);
      expect(after.steps).toMatchObject([
        { op: 'activation', activation: { type: 'hardSwish', alpha: Math.fround(sixth) } },
      ]);
      expectSameResults(before, after);
    }
    const behind = planOf([4, 5, 2], (plan, x, random) => {
      const window = plainWindow([2, 2]);
      return hardSwish(plan, emitConv2d(plan, 'conv', x, { kernel: random.floats(24), outputs: 3, window }));
    });
    const fused = optimizePlan(behind);
    expect(fused.steps).toMatchObject([{ op: 'conv2d', activation: { type: 'hardSwish' } }]);
    expectSameResults(behind, fused);
  });

  it('makes a parametric ReLU of relu(x) + a · (x - |x|), its slope twice a', () => {
    for (const swapped of [false, true]) {
      const before = planOf([4, 5, 2], (plan, x) => prelu(plan, x, { swapped }));
      expect(ops(before).length).toBe(5);
      const after = fuseIdioms(before);
      expect(ops(after)).toEqual(['prelu']);
      expect([...after.tensors[(after.steps[0] as PreluStep).alpha]!.data]).toEqual(
        [...Float32Array.of(0.1, -0.2)].map((slope) => 2 * slope),
      );
      expectSameResults(before, after);
    }
  });

  it('leaves other numbers, other functions, another x and what others read', () => {
    const plans = [
      planOf([4, 5, 2], (plan, x) => hardSwish(plan, x, { sixth: [0.2, 0.1] })),
      planOf([4, 5, 2], (plan, x) => hardSwish(plan, x, { three: 2 })),
      planOf([4, 5, 2], (plan, x) => {
        const a = affine(plan, emitActivation(plan, 'tanh', x, { type: 'tanh' }), 1 / 6, 0);
        return binary(plan, 'mul', a, emitActivation(plan, 'r', affine(plan, x, 1, 3), { type: 'relu6' }));
      }),
      planOf([4, 5, 2], (plan, x) => prelu(plan, x, { shift: 1 })),
      planOf([4, 5, 2], (plan, x) => prelu(plan, x, { fn: 'add' })),
      planOf([4, 5, 2], (plan, x) => prelu(plan, x, { slopes: new Array<number>(40).fill(0.5) })),
    ];
    for (const plan of plans.map(fuseActivation)) expect(fuseIdioms(plan)).toBe(plan);
    const shared = fuseActivation(
      planOf([4, 5, 2], (plan, x) => {
        const y = hardSwish(plan, x);
        plan.output('sixth', 1);
        return y;
      }),
    );
    expect(ops(fuseIdioms(shared))).toEqual(['affine', 'activation']);
  });
});
