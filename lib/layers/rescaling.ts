import { onlyTensor } from './layer-call.ts';
import type { LayerConfig } from './layer-config.ts';
import type { LayerType } from './layer-type.ts';
import { combine } from './ops/binary.ts';
import { constant, type GraphTensor } from './ops/graph-tensor.ts';

/** x · scale + offset; one number each, or (Keras only) one for each channel. */
export const rescaling: LayerType = {
  classNames: ['Rescaling'],
  lower: (config) => {
    const scale = readNumbers(config, 'scale');
    const offset = readNumbers(config, 'offset', 0);
    return (call) => {
      const scaled = combine(call.op, 'mul', onlyTensor(call), scale);
      return [call.op.portId(combine(call.op, 'add', scaled, offset))];
    };
  },
};

function readNumbers(config: LayerConfig, key: string, missing?: number): GraphTensor {
  const value = config.get(key) ?? missing;
  const numbers = Array.isArray(value) ? value : [value];
  if (numbers.length === 0 || !numbers.every(Number.isFinite)) throw config.wrong(key, 'numbers', value);
  return constant('float32', Array.isArray(value) ? [numbers.length] : [], Float32Array.from(numbers));
}
