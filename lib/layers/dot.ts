import type { LayerConfig } from './layer-config.ts';
import type { LayerType } from './layer-type.ts';
import { activate } from './ops/activations.ts';
import { combine } from './ops/binary.ts';
import { BatchIsMixed, type GraphTensor } from './ops/graph-tensor.ts';
import { product } from './ops/matmul.ts';
import type { OpCall } from './ops/op-call.ts';
import { reduceAxes } from './ops/reduce.ts';
import { reshapeTo } from './ops/reshape.ts';
import { applyUnary } from './ops/unary.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/** Below this a squared length counts as this much, as in TensorFlow.js. */
const leastSquare = 1e-7;

/** Sums of products along one axis of each of two inputs, row of the batch by row; `normalize`: of unit vectors. */
export const dot: LayerType = {
  classNames: ['Dot'],
  prunable: [],
  lower: (config) => {
    const axes = readAxes(config);
    const normalize = config.boolean('normalize', false);
    return ({ op }) => {
      if (op.inputs.length !== 2) throw op.unfit('2 inputs', op.inputs.length);
      const counted = axes.map((axis, i) => op.axisOf(axis, op.input(i).shape.length)) as [number, number];
      if (counted.includes(0)) throw new BatchIsMixed();
      const [x, y] = counted.map((axis, i) => (normalize ? unit(op, op.input(i), axis) : op.input(i))) as [
        GraphTensor,
        GraphTensor,
      ];
      return [op.portId(dotProduct(op, x, y, counted))];
    };
  },
};

function dotProduct(
  op: OpCall,
  x: GraphTensor,
  y: GraphTensor,
  [a, b]: readonly [number, number],
): GraphTensor {
  if (x.shape.length > 3 || y.shape.length > 3)
    throw new UnsupportedFeature(`inputs of more than 3 axes are not compiled; ${keepInTensorFlow}`);
  if (x.shape[a] !== y.shape[b]) throw op.unfit(`axes of one size`, [x.shape[a], y.shape[b]]);
  // A vector is a matrix of one column here; the column goes again behind the product.
  const matrix = (tensor: GraphTensor) =>
    tensor.shape.length === 3 ? tensor : reshapeTo(op, tensor, [...tensor.shape, 1]);
  const sums = product(op, matrix(x), matrix(y), a === 1, b === 2);
  const [batch, rows, columns] = sums.shape as [GraphTensor['shape'][0], number, number];
  const kept = [...(x.shape.length === 3 ? [rows] : []), ...(y.shape.length === 3 ? [columns] : [])];
  return kept.length === 2 ? sums : reshapeTo(op, sums, [batch!, ...(kept.length === 0 ? [1] : kept)]);
}

/** x / |x| along an axis. */
function unit(op: OpCall, x: GraphTensor, axis: number): GraphTensor {
  const squares = reduceAxes(op, 'sum', applyUnary(op, 'square', x), [axis], true);
  const length = applyUnary(op, 'sqrt', activate(op, squares, { type: 'clamp', min: leastSquare }));
  return combine(op, 'div', x, length);
}

function readAxes(config: LayerConfig): [number, number] {
  const value = config.get('axes');
  const pair = Array.isArray(value) ? value : [value, value];
  if (pair.length !== 2 || !pair.every(Number.isInteger))
    throw config.wrong('axes', 'one or two axes', value);
  return pair as [number, number];
}
