import { onlyTensor } from './layer-call.ts';
import { camelCase } from './layer-config.ts';
import type { LayerType } from './layer-type.ts';
import { combine } from './ops/binary.ts';
import { castTo } from './ops/cast.ts';
import { constant } from './ops/graph-tensor.ts';
import { allEntries } from './ops/map-axes.ts';
import { reduceAxes } from './ops/reduce.ts';
import { reshapeTo } from './ops/reshape.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/** How often each of `numTokens` integers is among a row's, or whether it is. Others count for nothing. */
export const categoryEncoding: LayerType = {
  classNames: ['CategoryEncoding'],
  lower: (config) => {
    const tokens = config.positiveInteger('numTokens');
    const mode = camelCase(config.string('outputMode', 'multiHot'));
    if (mode !== 'oneHot' && mode !== 'multiHot' && mode !== 'count')
      throw new UnsupportedFeature(`outputMode "${mode}" is not compiled; ${keepInTensorFlow}`);
    return (call) => {
      const { op } = call;
      const input = onlyTensor(call);
      const [batch, count] = input.shape;
      if (input.shape.length !== 2 || (mode === 'oneHot' && count !== 1))
        throw op.unfit(mode === 'oneHot' ? '[batch, 1]' : '[batch, tokens]', input.shape);
      const numbers = reshapeTo(op, castTo(op, input, 'int32'), [batch!, count!, 1]);
      const all = constant('int32', [tokens], Int32Array.from(allEntries(tokens)));
      const hits = castTo(op, combine(op, 'equal', numbers, all), 'float32');
      return [op.portId(reduceAxes(op, mode === 'count' ? 'sum' : 'max', hits, [1], false))];
    };
  },
};
