import { mapInput, sequenceInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { allEntries, sameEntry } from './ops/map-axes.ts';
import { pickMap } from './pick-map.ts';

/** Zeros around a picture. */
export const zeroPadding2d: LayerType = zeroPadding('ZeroPadding2D', 2);

/** Zeros before and behind a sequence; TensorFlow.js has no such layer, Keras has. */
export const zeroPadding1d: LayerType = zeroPadding('ZeroPadding1D', 1);

function zeroPadding(className: string, axes: 1 | 2): LayerType {
  return {
    classNames: [className],
    prunable: [],
    lower: (config) => {
      config.requireChannelsLast();
      const margins = config.margins('padding', axes, 1);
      return (call) => {
        const { input, x } = axes === 2 ? mapInput(call) : sequenceInput(call);
        const padded = margins.map(([before, behind], axis) => [
          ...sameEntry(-1, before),
          ...allEntries(x.shape[axis]!),
          ...sameEntry(-1, behind),
        ]);
        return [pickMap(call, input, [...padded, allEntries(x.channels)])];
      };
    },
  };
}
