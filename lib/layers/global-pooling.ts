import { emitPool } from '../plan/emit/pool.ts';
import { emitReshape } from '../plan/emit/reshape.ts';
import { mapInput, sequenceInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';

/** The largest element of each channel of a picture. */
export const globalMaxPooling2d: LayerType = globalPooling('GlobalMaxPooling2D', 'max', mapInput);

/** The mean of each channel of a picture. */
export const globalAveragePooling2d: LayerType = globalPooling('GlobalAveragePooling2D', 'avg', mapInput);

/** The largest element of each channel of a sequence. */
export const globalMaxPooling1d: LayerType = globalPooling('GlobalMaxPooling1D', 'max', sequenceInput);

/** The mean of each channel of a sequence. */
export const globalAveragePooling1d: LayerType = globalPooling(
  'GlobalAveragePooling1D',
  'avg',
  sequenceInput,
);

/** One window over the whole input; `keepdims` (Keras only) keeps axes of one position, else [channels] is left. */
function globalPooling(className: string, mode: 'max' | 'avg', readInput: typeof mapInput): LayerType {
  return {
    classNames: [className],
    prunable: [],
    lower: (config) => {
      config.requireChannelsLast();
      const keepDims = config.boolean('keepdims', false);
      return (call) => {
        const { input, x } = readInput(call);
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
