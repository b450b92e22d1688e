import { onlyInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { allEntries, pickFromMap, sameEntry } from './ops/map-axes.ts';
import { reshapeTo } from './ops/reshape.ts';

/** [features] -> [n, features], each step the same. */
export const repeatVector: LayerType = {
  classNames: ['RepeatVector'],
  prunable: [],
  lower: (config) => {
    const n = config.positiveInteger('n');
    return (call) => {
      const { op } = call;
      const vector = op.computed(onlyInput(call));
      const [batch, features, ...more] = vector.shape;
      if (typeof features !== 'number' || more.length > 0) throw op.unfit('[batch, features]', vector.shape);
      const row = reshapeTo(op, vector, [batch!, 1, features]);
      const map = op.map(row);
      const repeated = pickFromMap(op, op.computed(map.id), [sameEntry(0, n), allEntries(features)]);
      return [op.portId(repeated!)];
    };
  },
};
