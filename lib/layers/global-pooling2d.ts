import { emitPool } from '../plan/emit/pool.ts';
import { emitReshape } from '../plan/emit/reshape.ts';
import { mapInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';

/** The largest element of each channel. */
export const globalMaxPooling2d: LayerType = globalPooling('GlobalMaxPooling2D', 'max');

/** The mean of each channel. */
export const globalAveragePooling2d: LayerType = globalPooling('GlobalAveragePooling2D', 'avg');

/** One window over the whole map; `keepdims` (Keras only) keeps [1, 1, channels], else [channels] is left. */
function globalPooling(className: string, mode: 'max' | 'avg'): LayerType {
  return {
    classNames: [className],
    prunable: [],
    lower: (config) => {
      config.requireChannelsLast();
      const keepDims = config.boolean('keepdims', false);
      return (call) => {
        const { input, x } = mapInput(call);
        const pooled = emitPool(call.plan, call.name, input, mode, {
          kernel: [x.height, x.width],
          strides: [1, 1],
          dilations: [1, 1],
          padding: [0, 0, 0, 0],
        });
        if (keepDims) return [pooled];
        return [emitReshape(call.plan, call.name, pooled, [x.channels]) ?? pooled];
      };
    },
  };
}
