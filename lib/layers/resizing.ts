import { emitResize } from '../plan/emit/resize.ts';
import { type LayerCall, mapInput } from './layer-call.ts';
import type { LayerConfig } from './layer-config.ts';
import type { LayerType } from './layer-type.ts';
import { allEntries } from './ops/map-axes.ts';
import { nearest } from './ops/resize.ts';
import { pickMap } from './pick-map.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

type Interpolation = 'nearest' | 'bilinear';

/** A picture enlarged by whole factors. */
export const upSampling2d: LayerType = {
  classNames: ['UpSampling2D'],
  prunable: [],
  lower: (config) => {
    config.requireChannelsLast();
    const factors = config.pair('size', [2, 2]);
    const interpolation = readInterpolation(config, 'nearest');
    return (call) => {
      const { x } = mapInput(call);
      const size = [x.height * factors[0], x.width * factors[1]] as const;
      return [resize(call, size, interpolation, false)];
    };
  },
};

/** A picture of a given size. TensorFlow.js aligns the corners, unless `cropToAspectRatio` is set; it never crops. */
export const resizing: LayerType = {
  classNames: ['Resizing'],
  prunable: [],
  lower: (config) => {
    config.requireChannelsLast();
    const size = [config.positiveInteger('height'), config.positiveInteger('width')] as const;
    const interpolation = readInterpolation(config, 'bilinear');
    const alignCorners = !config.boolean('cropToAspectRatio', false);
    return (call) => [resize(call, size, interpolation, alignCorners)];
  },
};

function resize(
  call: LayerCall,
  size: readonly [number, number],
  interpolation: Interpolation,
  alignCorners: boolean,
): number {
  const { input, x } = mapInput(call);
  if (interpolation === 'bilinear')
    return emitResize(call.plan, call.name, input, { size, alignCorners, halfPixels: false });
  return pickMap(call, input, [
    nearest(x.height, size[0], alignCorners, false),
    nearest(x.width, size[1], alignCorners, false),
    allEntries(x.channels),
  ]);
}

function readInterpolation(config: LayerConfig, missing: Interpolation): Interpolation {
  const value = config.string('interpolation', missing).toLowerCase();
  if (value === 'nearest' || value === 'bilinear') return value;
  throw new UnsupportedFeature(`interpolation "${value}" is not compiled; ${keepInTensorFlow}`);
}
