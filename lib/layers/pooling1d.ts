import { emitPool } from '../plan/emit/pool.ts';
import { sequenceInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { readPoolWindow1d, resolveWindow } from './read-window.ts';

/** The largest of each window of steps. */
export const maxPooling1d: LayerType = pooling('MaxPooling1D', 'max');

/** The mean of each window's steps, padding not counted. */
export const averagePooling1d: LayerType = pooling('AveragePooling1D', 'avg');

function pooling(className: string, mode: 'max' | 'avg'): LayerType {
  return {
    classNames: [className],
    prunable: [],
    lower: (config) => {
      config.requireChannelsLast();
      const window = readPoolWindow1d(config);
      return (call) => {
        const { input, x } = sequenceInput(call);
        return [emitPool(call.plan, call.name, input, mode, resolveWindow(call.name, window, x))];
      };
    },
  };
}
