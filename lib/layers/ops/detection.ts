import { linear } from '../../plan/activations.ts';
import type { ArrayOperation } from '../../plan/evaluate.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import { castTo } from './cast.ts';
import { counted, placesOf, sumOf } from './counted.ts';
import { BatchIsMixed, constant, type GraphTensor, sizesTensor } from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';
import type { OpType } from './op-type.ts';

/** Coordinates of the elements that are true (or not 0), in row-major order. */
export const where: OpType = {
  ops: ['Where'],
  lower: (call) => {
    const tensor = castTo(call, call.input(0), 'bool');
    if (call.hidden([tensor]) === 1) throw new BatchIsMixed();
    if (tensor.shape.length === 0)
      throw new UnsupportedFeature(`places in a scalar are not compiled; ${keepInTensorFlow}`);
    return [placesOf(call, tensor)];
  },
};

/**
 * The boxes of the highest scores that overlap little: their numbers, for V4 their number too, for V5 their scores and
 * number.
 */
export const nonMaxSuppression: OpType = {
  ops: ['NonMaxSuppressionV3', 'NonMaxSuppressionV4', 'NonMaxSuppressionV5'],
  lower: (call) => {
    const [boxes, scores] = [call.input(0), call.input(1)];
    if (call.hidden([boxes, scores]) === 1) throw new BatchIsMixed();
    const [size] = call.shapeIn(scores);
    if (size === undefined || `${call.shapeIn(boxes)}` !== `${[size, 4]}`)
      throw call.unfit('boxes [n, 4] and scores [n]', [...boxes.shape, ...scores.shape]);
    const most = Math.min(size, call.integer(2));
    if (most < 1) throw new UnsupportedFeature(`its result is empty; ${keepInTensorFlow}`);
    const [overlap, lowest] = [call.weight(3).data[0]!, call.weight(4).data[0]!];
    const softSigma = call.op === 'NonMaxSuppressionV5' ? call.weight(5).data[0]! : 0;
    const step = {
      op: 'nonMaxSuppression',
      overlap,
      softSigma,
      ...(Number.isFinite(lowest) && { lowestScore: lowest }),
    } as const;
    const find = (gives: 'indices' | 'scores', dtype: 'int32' | 'float32') =>
      call.array({ ...step, gives } as ArrayOperation, [boxes, scores], [most], dtype);
    const indices = find('indices', 'int32');
    const count = sumOf(call, isFound(call, indices, most), most);
    const rows = (tensor: GraphTensor) => counted(call, tensor, count);
    const number = sizesTensor([], [count]);
    if (call.op === 'NonMaxSuppressionV3') return [rows(indices)];
    if (call.op === 'NonMaxSuppressionV5') return [rows(indices), rows(find('scores', 'float32')), number];
    if (!call.attributes.boolean('pad_to_max_output_size', false)) return [rows(indices), number];
    const zero = constant('int32', [], Int32Array.of(0));
    const add = { op: 'binary', function: 'max', activation: linear } as const;
    // As TensorFlow.js pads it: to no more than there are boxes.
    return [call.array(add, [indices, zero], [most], 'int32'), number];
  },
};

/** 1 for each place that is one, 0 for those behind. */
function isFound(call: OpCall, indices: GraphTensor, most: number): GraphTensor {
  const zero = constant('int32', [], Int32Array.of(0));
  const step = { op: 'binary', function: 'greaterEqual', activation: linear } as const;
  const found = call.array(step, [indices, zero], [most], 'bool');
  return call.array({ op: 'alias' }, [found], [most], 'int32');
}
