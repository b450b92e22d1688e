import { emitResize } from '../plan/emit/resize.ts';
import { mapInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { allEntries } from './ops/map-axes.ts';
import { pickMap } from './pick-map.ts';

/**
 * The middle of a picture, or all of it resized where it is smaller. As TensorFlow.js has it: the box of the crop is sampled
 * at the nearest positions of an evenly spaced grid.
 */
export const centerCrop: LayerType = {
  classNames: ['CenterCrop'],
  prunable: [],
  lower: (config) => {
    config.requireChannelsLast();
    const [height, width] = [config.positiveInteger('height'), config.positiveInteger('width')];
    return (call) => {
      const { input, x } = mapInput(call);
      const top = Math.floor((x.height - height) / 2);
      // A crop by a single column starts one further.
      const left = x.width === width ? 0 : Math.floor((x.width - width) / 2) || 1;
      if (top < 0 || left < 0) {
        const size = [height, width] as const;
        return [emitResize(call.plan, call.name, input, { size, alignCorners: false, halfPixels: false })];
      }
      const rows = sampled(x.height, height, top);
      const columns = sampled(x.width, width, left);
      return [pickMap(call, input, [rows, columns, allEntries(x.channels)])];
    };
  },
};

/** Which of `from` entries each of `to` is, -1 outside: in float32, as TensorFlow crops and resizes a box. */
function sampled(from: number, to: number, start: number): number[] {
  const f = Math.fround;
  const [low, high] = [f(start / from), f((to + start) / from)];
  const scale = to > 1 ? f(f(f(high - low) * (from - 1)) / (to - 1)) : 0;
  return allEntries(to).map((i) => {
    const at = to > 1 ? f(f(low * (from - 1)) + f(i * scale)) : f(f(0.5 * f(low + high)) * (from - 1));
    return at < 0 || at > from - 1 ? -1 : Math.round(at);
  });
}
