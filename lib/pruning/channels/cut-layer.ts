import type { Layer } from '../tf-types.ts';
import type { Slots } from './flow.ts';
import { contribution, linearMap, weightValues } from './matrix-layers.ts';

/** A weight of a layer that is made anew. */
export interface CutWeight {
  values: Float32Array;
  shape: number[];
}

/** What makes a smaller layer out of one. */
export interface LayerCut {
  /** Entries of the configuration that change. */ config: Record<string, unknown>;
  /** Every weight, by name inside the layer. */ weights: Map<string, CutWeight>;
}

/** What a layer keeps. */
export interface CutPlan {
  slots: Slots;
  stays: (channel: number) => boolean;
  /** Constants of the input positions that go and are not zero. */ folded: ReadonlyMap<number, number>;
}

/** Keeps the entries of some axes, given which indices stay there. */
export function sliceAxes(weight: CutWeight, axes: ReadonlyMap<number, readonly number[]>): CutWeight {
  const lists = weight.shape.map((length, axis) => axes.get(axis) ?? Array.from({ length }, (_, i) => i));
  const shape = lists.map((list) => list.length);
  const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
  let at = 0;
  const visit = (axis: number, from: number) => {
    if (axis === lists.length) {
      values[at++] = weight.values[from]!;
      return;
    }
    for (const index of lists[axis]!) visit(axis + 1, from * weight.shape[axis]! + index);
  };
  visit(0, 0);
  return { values, shape };
}

/** Positions of the channels that stay. */
function keptOf(channels: readonly number[], stays: CutPlan['stays']): number[] {
  return channels.flatMap((channel, i) => (stays(channel) ? [i] : []));
}

function cutMatrix(layer: Layer, { slots, stays, folded }: CutPlan): LayerCut {
  const inputs = keptOf(slots.inputs, stays);
  const outputs = keptOf(slots.outputs, stays);
  const weights = weightValues(layer);
  const separable = weights.has('depthwise_kernel');
  const cut = new Map<string, CutWeight>();
  for (const [name, weight] of weights) {
    const { length } = weight.shape;
    if (name === 'kernel') {
      cut.set(
        name,
        sliceAxes(
          weight,
          new Map([
            [length - 2, inputs],
            [length - 1, outputs],
          ]),
        ),
      );
    } else if (name === 'depthwise_kernel') {
      cut.set(name, sliceAxes(weight, new Map([[2, inputs]])));
    } else if (name === 'pointwise_kernel') {
      const multiplier = weights.get('depthwise_kernel')!.shape[3]!;
      const rows = inputs.flatMap((input) =>
        Array.from({ length: multiplier }, (_, j) => input * multiplier + j),
      );
      cut.set(
        name,
        sliceAxes(
          weight,
          new Map([
            [2, rows],
            [3, outputs],
          ]),
        ),
      );
    }
  }
  const bias = weights.get('bias')?.values;
  if (bias || folded.size > 0) {
    const map = linearMap(layer);
    const sums = Float64Array.from({ length: map.outputs }, (_, o) => bias?.[o] ?? 0);
    for (const [input, value] of folded) contribution(map, input, value, sums);
    cut.set(
      'bias',
      sliceAxes({ values: Float32Array.from(sums), shape: [map.outputs] }, new Map([[0, outputs]])),
    );
  }
  const size = layer.getClassName() === 'Dense' && !separable ? 'units' : 'filters';
  return { config: { [size]: outputs.length, useBias: cut.has('bias') }, weights: cut };
}

function cutDepthwise(layer: Layer, { slots, stays }: CutPlan): LayerCut {
  const inputs = keptOf(slots.inputs, stays);
  const outputs = keptOf(slots.outputs, stays);
  const weights = weightValues(layer);
  const cut = new Map([
    ['depthwise_kernel', sliceAxes(weights.get('depthwise_kernel')!, new Map([[2, inputs]]))],
  ]);
  const bias = weights.get('bias');
  if (bias) cut.set('bias', sliceAxes(bias, new Map([[0, outputs]])));
  return { config: {}, weights: cut };
}

/** One number per channel in every weight. */
function cutPerChannel(layer: Layer, { slots, stays }: CutPlan): LayerCut {
  const kept = keptOf(slots.inputs, stays);
  const weights = [...weightValues(layer)].map(([name, weight]): [string, CutWeight] => [
    name,
    sliceAxes(weight, new Map([[0, kept]])),
  ]);
  return { config: {}, weights: new Map(weights) };
}

function cutReshape(layer: Layer, { slots, stays }: CutPlan): LayerCut {
  const { targetShape } = layer.getConfig() as unknown as { targetShape: (number | null)[] };
  const last = targetShape.at(-1);
  const length = last === -1 || last === null ? last : keptOf(slots.inputs, stays).length;
  return { config: { targetShape: [...targetShape.slice(0, -1), length] }, weights: new Map() };
}

/** The smaller form of a layer whose weights or shape know channels. */
export function cutLayer(layer: Layer, plan: CutPlan): LayerCut {
  switch (layer.getClassName()) {
    case 'DepthwiseConv2D':
      return cutDepthwise(layer, plan);
    case 'BatchNormalization':
      return cutPerChannel(layer, plan);
    case 'Reshape':
      return cutReshape(layer, plan);
    default:
      return cutMatrix(layer, plan);
  }
}
