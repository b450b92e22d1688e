import { emitPool } from '../plan/emit/pool.ts';
import { mapInput, sequenceInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { readPoolWindow, readPoolWindow1d, resolveWindow } from './read-window.ts';

/** The largest element or the mean of each window, over maps (2) or over sequences, which are maps of one row (1). */
export function pooling(className: string, mode: 'max' | 'avg', dimensions: 1 | 2): LayerType {
  const [readWindow, inputOf] =
    dimensions === 1 ? [readPoolWindow1d, sequenceInput] : [readPoolWindow, mapInput];
  return {
    classNames: [className],
    prunable: [],
    lower: (config) => {
      config.requireChannelsLast();
      const window = readWindow(config);
      return (call) => {
        const { input, x } = inputOf(call);
        return [emitPool(call.plan, call.name, input, mode, resolveWindow(call.name, window, x))];
      };
    },
  };
}
