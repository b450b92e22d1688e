import { rowMajorStrides } from '../plan/strides.ts';
import { noArguments } from './call-arguments.ts';
import type { LayerCall } from './layer-call.ts';
import { onlyTensor } from './layer-call.ts';
import type { LayerType, LowerCall } from './layer-type.ts';
import { join } from './ops/concat.ts';
import type { GraphTensor } from './ops/graph-tensor.ts';
import { reshapeTo } from './ops/reshape.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/** Layers that do the same at every position of a map anyway. */
const everywhere: ReadonlySet<string> = new Set([
  'Dense',
  'Activation',
  'ReLU',
  'LeakyReLU',
  'ELU',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'AlphaDropout',
]);

/** Time steps that are written out at most: each is steps of the plan. */
const mostSteps = 4096;

/** Models inside; their layers would each need their own place in the plan. */
const models: ReadonlySet<string> = new Set(['Sequential', 'Model', 'Functional']);

/**
 * A layer at every time step by itself: as one step of the plan where it does the same at every position, else time step
 * by time step.
 *
 * @param find - the registry's look-up
 */
export function timeDistributed(find: (className: string) => LayerType | undefined): LayerType {
  return {
    classNames: ['TimeDistributed'],
    wholeModelOnly: true,
    lower: (config) => {
      const inner = config.nested('layer');
      const { className } = inner;
      if (models.has(className)) {
        throw new UnsupportedFeature(
          'a model inside TimeDistributed is not compiled; put each of its layers into a TimeDistributed of its own',
        );
      }
      const lower = find(className)?.lower?.(inner);
      if (!lower) throw new UnsupportedFeature(`${className} has no native step; ${keepInTensorFlow}`);
      if (everywhere.has(className)) return lower;
      return (call) => [call.op.portId(stepByStep(call, lower, className))];
    },
  };
}

function stepByStep(call: LayerCall, lower: LowerCall, className: string): GraphTensor {
  const { op } = call;
  const input = onlyTensor(call);
  const [batch, steps, ...rest] = input.shape;
  if (typeof steps !== 'number' || rest.length === 0) throw op.unfit('[batch, steps, …]', [...input.shape]);
  const size = rowMajorStrides([steps, ...op.shapeIn(input).slice(1)])[0]!;
  if (steps > mostSteps)
    throw new UnsupportedFeature(
      `${steps} time steps are not compiled, ${mostSteps} are; ${keepInTensorFlow}`,
    );
  const outputs = Array.from({ length: steps }, (_, step) => {
    const shape = op.shapeIn(input).slice(1);
    const slice = op.array(
      { op: 'strided', sizes: shape, strides: rowMajorStrides(shape), offset: step * size },
      [input],
      shape,
      input.dtype,
    );
    const id = op.portId(slice);
    const [output, ...others] = lower({
      name: call.name,
      plan: call.plan,
      inputs: [id],
      op: op.on([slice]),
      arguments: noArguments,
      maskOutput: () => {},
      weight: (name, expected) => call.weight(name, expected),
    });
    if (output === undefined || others.length > 0) {
      throw new UnsupportedFeature(`${className} with several outputs is not compiled; ${keepInTensorFlow}`);
    }
    const made = op.computed(output);
    return reshapeTo(op, made, [batch!, 1, ...made.shape.slice(1)]);
  });
  return join(op, outputs, 1);
}
