import { plainActivations } from '../../lib/plan/activations.ts';
import { PlanBuilder } from '../../lib/plan/builder.ts';
import { emitActivation } from '../../lib/plan/emit/activation.ts';
import { emitAffine } from '../../lib/plan/emit/affine.ts';
import { emitConv2d } from '../../lib/plan/emit/conv2d.ts';
import { emitDense } from '../../lib/plan/emit/dense.ts';
import { emitDepthwise } from '../../lib/plan/emit/depthwise.ts';
import { emitPool } from '../../lib/plan/emit/pool.ts';
import { emitReshape } from '../../lib/plan/emit/reshape.ts';
import { sizeOf } from '../../lib/plan/geometry.ts';
import { optimizePlan } from '../../lib/plan/passes/optimize.ts';
import type { Plan, ValueId, Window } from '../../lib/plan/plan.ts';
import type { Random } from './random.ts';

/** Which weights are zero: a fraction of them, in blocks of neighbouring outputs that share an input. */
export interface Pruning {
  sparsity: number;
  /** Outputs of a block; 1 is unstructured. */
  block: number;
}

/** A kernel [inputs, outputs] of normal values with zeros, scaled so that sums stay near 1. */
export function prunedKernel(
  random: Random,
  inputs: number,
  outputs: number,
  { sparsity, block }: Pruning,
): Float32Array {
  const kernel = random.floats(inputs * outputs, 1 / Math.sqrt(Math.max(1, inputs * (1 - sparsity))));
  for (let i = 0; i < inputs; i++) {
    for (let first = 0; first < outputs; first += block) {
      if (random.next() >= sparsity) continue;
      kernel.fill(0, i * outputs + first, i * outputs + Math.min(outputs, first + block));
    }
  }
  return kernel;
}

/** A window that fits into `height` x `width`; padding is below its reach. */
function randomWindow(random: Random, height: number, width: number, isDilated = true): Window {
  const side = (size: number) => {
    const kernel = random.integer(1, Math.min(size, 4));
    const dilation = isDilated && kernel > 1 && (kernel - 1) * 2 + 1 <= size ? random.integer(1, 2) : 1;
    const pad = () => random.integer(0, Math.min(2, (kernel - 1) * dilation));
    return { kernel, dilation, stride: random.integer(1, 3), before: pad(), after: pad() };
  };
  const [y, x] = [side(height), side(width)];
  return {
    kernel: [y.kernel, x.kernel],
    strides: [y.stride, x.stride],
    dilations: [y.dilation, x.dilation],
    padding: [y.before, y.after, x.before, x.after],
  };
}

/** Adds one random step that suits the value. */
function addStep(plan: PlanBuilder, random: Random, input: ValueId, pruning: Pruning, name: string): ValueId {
  const x = plan.value(input);
  const maybeBias = (size: number) => (random.next() < 0.7 ? { bias: random.floats(size) } : {});
  const isMap = x.shape.length === 3;
  const kind = random.pick(
    isMap
      ? ([
          'conv',
          'conv',
          'depthwise',
          'pool',
          'affine',
          'activation',
          'flatten',
          'dense',
          'softmax',
        ] as const)
      : (['dense', 'dense', 'affine', 'activation', 'softmax', 'flatten'] as const),
  );
  switch (kind) {
    case 'dense': {
      const outputs = random.integer(1, 40);
      const kernel = prunedKernel(random, x.shape.at(-1)!, outputs, pruning);
      return emitDense(plan, name, input, { kernel, outputs, ...maybeBias(outputs) });
    }
    case 'conv': {
      const window = randomWindow(random, x.height, x.width);
      const outputs = random.integer(1, 20);
      const inputs = window.kernel[0] * window.kernel[1] * x.channels;
      const kernel = prunedKernel(random, inputs, outputs, pruning);
      return emitConv2d(plan, name, input, { kernel, outputs, window, ...maybeBias(outputs) });
    }
    case 'depthwise': {
      const window = randomWindow(random, x.height, x.width);
      const multiplier = random.integer(1, 2);
      const kernel = random.floats(window.kernel[0] * window.kernel[1] * x.channels * multiplier, 0.5);
      return emitDepthwise(plan, name, input, {
        kernel,
        multiplier,
        window,
        ...maybeBias(x.channels * multiplier),
      });
    }
    case 'pool':
      return emitPool(
        plan,
        name,
        input,
        random.pick(['max', 'avg']),
        randomWindow(random, x.height, x.width, false),
      );
    case 'affine': {
      const size = x.shape.at(-1)!;
      return emitAffine(plan, name, input, { scale: random.floats(size), shift: random.floats(size) });
    }
    case 'activation':
      return emitActivation(
        plan,
        name,
        input,
        random.pick([
          ...plainActivations.map((type) => ({ type })),
          { type: 'leakyRelu', alpha: 0.3 },
          { type: 'clamp', min: -0.5, max: 1 },
        ]),
      );
    case 'flatten':
      return emitReshape(plan, name, input, [sizeOf(x.shape)]) ?? input;
    case 'softmax':
      return emitActivation(plan, name, input, { type: 'softmax' });
  }
}

/** A plan of one to five random steps over a vector, a sequence or a map, its passes run; now and then with a second output. */
export function randomPlan(random: Random, pruning: Pruning): Plan {
  const plan = new PlanBuilder();
  const shape = random.pick([
    () => [random.integer(1, 100)],
    () => [random.integer(1, 6), random.integer(1, 20)],
    () => [random.integer(1, 12), random.integer(1, 12), random.integer(1, 9)],
  ])();
  const made = [plan.input('x', shape)];
  for (let steps = random.integer(1, 5); made.length <= steps; )
    made.push(addStep(plan, random, made.at(-1)!, pruning, `layer${made.length}`));
  plan.output('y', made.at(-1)!);
  if (random.next() < 0.3) plan.output('side', random.pick(made));
  return optimizePlan(plan.finish());
}
