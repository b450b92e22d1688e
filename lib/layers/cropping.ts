import { mapInput, sequenceInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { allEntries } from './ops/map-axes.ts';
import { pickMap } from './pick-map.ts';

/** A picture without its edges. */
export const cropping2d: LayerType = cropping('Cropping2D', 2);

/** A sequence without its ends; TensorFlow.js has no such layer, Keras has. */
export const cropping1d: LayerType = cropping('Cropping1D', 1);

function cropping(className: string, axes: 1 | 2): LayerType {
  return {
    classNames: [className],
    prunable: [],
    lower: (config) => {
      config.requireChannelsLast();
      const margins = config.margins('cropping', axes, axes === 1 ? 1 : 0);
      return (call) => {
        const { input, x } = axes === 2 ? mapInput(call) : sequenceInput(call);
        const kept = margins.map(([before, behind], axis) => {
          const size = x.shape[axis]!;
          return allEntries(size).slice(before, Math.max(size - behind, 0));
        });
        return [pickMap(call, input, [...kept, allEntries(x.channels)])];
      };
    },
  };
}
