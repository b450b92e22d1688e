import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import type { OpType } from './op-type.ts';
import { requireChannelsLast } from './window.ts';

/** Blocks of positions to channels, and back. */
export const blocks: OpType = {
  ops: ['DepthToSpace', 'SpaceToDepth'],
  lower: (call) => {
    requireChannelsLast(call);
    const { id, x } = call.picture();
    const block = call.attributes.integer('block_size');
    const to = call.op === 'DepthToSpace' ? 'space' : 'depth';
    const fits =
      to === 'space' ? x.channels % (block * block) === 0 : x.height % block === 0 && x.width % block === 0;
    if (block < 1 || !fits)
      throw new UnsupportedFeature(`blocks of ${block} do not fit into [${x.shape}]; ${keepInTensorFlow}`);
    const shape =
      to === 'space'
        ? [x.height * block, x.width * block, x.channels / (block * block)]
        : [x.height / block, x.width / block, x.channels * block * block];
    const output = call.plan.addValue(call.name, shape);
    const step = { op: 'blocks' as const, layer: call.name, inputs: [id], output, to, block } as const;
    return [call.computed(call.plan.addStep({ ...step, inputs: [id] }))];
  },
};
