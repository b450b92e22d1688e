import { emitPool } from '../../plan/emit/pool.ts';
import type { OpType } from './op-type.ts';
import { pairOf, readWindow, requireChannelsLast } from './window.ts';

/** The largest element, or the mean, of each window. */
export const pooling: OpType = {
  ops: ['MaxPool', 'AvgPool'],
  lower: (call) => {
    requireChannelsLast(call);
    const picture = call.picture();
    const { id, window } = readWindow(call, picture, pairOf(call, 'ksize'));
    return [call.computed(emitPool(call.plan, call.name, id, call.op === 'MaxPool' ? 'max' : 'avg', window))];
  },
};
