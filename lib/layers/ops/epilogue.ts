import { isPlainActivation } from '../../plan/activations.ts';
import type { PlanActivation } from '../../plan/plan.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import { activate, leak } from './activations.ts';
import { constant, type GraphTensor } from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';

/** What follows a fused product: `fused_ops` and its operands. */
export interface Epilogue {
  bias?: Float32Array;
  /** Adds the activation. */
  finish(sums: GraphTensor): GraphTensor;
}

/**
 * The rest of a `_Fused…` node behind its two operands; of any other node nothing.
 *
 * @param outputs - length that a bias must have
 */
export function readEpilogue(call: OpCall, outputs: number): Epilogue {
  const fused = call.attributes.strings('fused_ops');
  let next = 2;
  let bias: Float32Array | undefined;
  let finish = (sums: GraphTensor): GraphTensor => sums;
  fused.forEach((name, i) => {
    if (name === 'BiasAdd' && i === 0) {
      bias = perChannel(call, next++, outputs);
    } else if (i === fused.length - 1) {
      if (name === 'Prelu') {
        const alpha = perChannel(call, next++, outputs);
        finish = (sums) => leak(call, sums, constant('float32', [outputs], alpha));
      } else {
        const activation = namedActivation(call, name);
        finish = (sums) => activate(call, sums, activation);
      }
    } else {
      throw new UnsupportedFeature(`fused_ops ${fused.join(', ')} are not compiled; ${keepInTensorFlow}`);
    }
  });
  return { ...(bias && { bias }), finish };
}

function namedActivation(call: OpCall, name: string): PlanActivation {
  if (name === 'LeakyRelu')
    return { type: 'leakyRelu', alpha: call.attributes.number('leakyrelu_alpha', 0.2) };
  const type = name.toLowerCase();
  if (isPlainActivation(type)) return { type };
  throw new UnsupportedFeature(`the fused activation ${name} is not compiled; ${keepInTensorFlow}`);
}

/** A constant with one number for each channel, or one for all. */
function perChannel(call: OpCall, index: number, channels: number): Float32Array {
  const { data, shape } = call.weight(index);
  if (data.length === channels && (shape.at(-1) ?? 1) === channels) return data;
  if (data.length === 1) return new Float32Array(channels).fill(data[0]!);
  throw call.unfit(`${channels} numbers as input ${index}`, shape);
}
