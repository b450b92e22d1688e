import { emitActivation } from '../plan/emit/activation.ts';
import type { PlanActivation } from '../plan/plan.ts';
import { onlyInput } from './layer-call.ts';
import type { LayerConfig } from './layer-config.ts';
import type { LayerType } from './layer-type.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/** max(x, 0), with Keras's upper bound or leak. */
export const relu: LayerType = {
  classNames: ['ReLU'],
  prunable: [],
  lower: (config) => {
    const type = readRelu(config);
    return (call) => [emitActivation(call.plan, call.name, onlyInput(call), type)];
  },
};

function readRelu(config: LayerConfig): PlanActivation {
  const threshold = config.number('threshold', 0);
  const slope = config.number('negativeSlope', 0);
  const max = config.get('maxValue') === undefined ? undefined : config.number('maxValue');
  if (threshold !== 0) {
    throw new UnsupportedFeature(`threshold = ${threshold} has no native step; ${keepInTensorFlow}`);
  }
  if (slope !== 0 && max !== undefined) {
    throw new UnsupportedFeature(
      `negativeSlope = ${slope} together with maxValue = ${max} has no native step; ${keepInTensorFlow}`,
    );
  }
  if (max !== undefined && max < 0) throw config.wrong('maxValue', 'a number from 0', max);
  if (slope !== 0) return { type: 'leakyRelu', alpha: slope };
  if (max === 6) return { type: 'relu6' };
  return max === undefined ? { type: 'relu' } : { type: 'clamp', min: 0, max };
}
