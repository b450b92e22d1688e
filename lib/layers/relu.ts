import type { PlanActivation } from '../plan/plan.ts';
import { onlyTensor } from './layer-call.ts';
import type { LayerConfig } from './layer-config.ts';
import type { LayerType } from './layer-type.ts';
import { activate } from './ops/activations.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/** max(x, 0), with Keras's upper bound or leak. */
export const relu: LayerType = {
  classNames: ['ReLU'],
  prunable: [],
  lower: (config) => {
    const parts = readRelu(config);
    return (call) => {
      const y = parts.reduce((x, part) => activate(call.op, x, part), onlyTensor(call));
      return [call.op.portId(y)];
    };
  },
};

/** The activations that it is made of, one after the other. */
function readRelu(config: LayerConfig): PlanActivation[] {
  const threshold = config.number('threshold', 0);
  const slope = config.number('negativeSlope', 0);
  const max = config.get('maxValue') === undefined ? undefined : config.number('maxValue');
  if (threshold !== 0) {
    throw new UnsupportedFeature(`threshold = ${threshold} has no native step; ${keepInTensorFlow}`);
  }
  if (max !== undefined && max < 0) throw config.wrong('maxValue', 'a number from 0', max);
  const bound: PlanActivation[] = max === undefined ? [] : [{ type: 'clamp', max }];
  if (slope !== 0) return [{ type: 'leakyRelu', alpha: slope }, ...bound];
  if (max === 6) return [{ type: 'relu6' }];
  return [max === undefined ? { type: 'relu' } : { type: 'clamp', min: 0, max }];
}
