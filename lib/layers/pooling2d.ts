import { emitPool } from '../plan/emit/pool.ts';
import { mapInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { readPoolWindow, resolveWindow } from './read-window.ts';

/** The largest element of each window. */
export const maxPooling2d: LayerType = pooling('MaxPooling2D', 'max');

/** The mean of each window's elements, padding not counted. */
export const averagePooling2d: LayerType = pooling('AveragePooling2D', 'avg');

function pooling(className: string, mode: 'max' | 'avg'): LayerType {
  return {
    classNames: [className],
    prunable: [],
    lower: (config) => {
      config.requireChannelsLast();
      const window = readPoolWindow(config);
      return (call) => {
        const { input, x } = mapInput(call);
        return [emitPool(call.plan, call.name, input, mode, resolveWindow(call.name, window, x))];
      };
    },
  };
}
