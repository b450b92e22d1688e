import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError } from '../errors.ts';
import { checkInteger, checkOptions } from '../native/check.ts';
import type { KeepReason } from './channels/channel-classes.ts';
import { type CutWeight, cutLayer } from './channels/cut-layer.ts';
import { type DeadChannels, findDeadChannels } from './channels/find-dead.ts';
import { copyLayer, copyWeights } from './layer-copies.ts';
import { leafLayers } from './leaf-layers.ts';
import { tfc } from './peers.ts';
import { localName } from './prunable-weights.ts';
import { checkModel, rebuildModel } from './rebuild-model.ts';
import type { Layer } from './tf-types.ts';
import { PruningWrapper } from './wrapper.ts';

/** What `removeChannels` did to one layer. */
export interface ChannelReport {
  /** Name of the layer. */ layer: string;
  /** Outputs that were removed, rising. */ removed: number[];
  /** Outputs that are constant, whatever the input, and stay all the same. */ kept: {
    /** Index of the output, from 0. */ output: number;
    /** What keeps it. */ reason: KeepReason;
  }[];
}

/** Options of {@link removeChannels}. */
export interface RemoveChannelsOptions {
  /** Gets a report per layer with outputs of its own, in the order in which the model calls them. */
  onReport?: (report: ChannelReport[]) => void;
}

type Named = Readonly<Record<string, readonly number[]>>;

const what = 'removeChannels';

function refuseWrappers(model: LayersModel): void {
  const wrapped = leafLayers(model).find((layer) => layer instanceof PruningWrapper);
  if (!wrapped) return;
  throw new SparseError(
    'ERR_SPARSE_MODEL',
    `${what}: layer "${wrapped.name}" is wrapped for training. Call stripPruning first.`,
    { layer: wrapped.name, expected: 'a model without pruning', received: wrapped.getClassName() },
  );
}

/** Every named layer must have outputs of its own, every named output must exist and go. */
function checkNamed(named: Named, dead: DeadChannels): void {
  const { producers } = dead.findings;
  const layers = new Map([...producers].map(([layer, channels]) => [layer.name, channels]));
  for (const [name, outputs] of Object.entries(named)) {
    const channels = layers.get(name);
    if (!channels) {
      throw new SparseError(
        'ERR_SPARSE_OPTION',
        `${what}: layer "${name}" has no outputs that can be removed, expected one of ${[...layers.keys()].join(', ')}.`,
        { layer: name, expected: [...layers.keys()], received: name },
      );
    }
    for (const output of outputs) {
      checkInteger(what, `output of layer "${name}"`, output, 0, channels.length - 1);
      const reason = dead.reasonOf(channels[output]!);
      if (reason === undefined) continue;
      throw new SparseError(
        'ERR_SPARSE_OPTION',
        `${what}: output ${output} of layer "${name}" cannot be removed (${reason}), expected one that can. Name the ` +
          'outputs that it is tied to as well, or leave it out.',
        { layer: name, tensor: `output ${output}`, expected: 'a removable output', received: reason },
      );
    }
  }
}

function reportOf(
  { findings, reasonOf }: DeadChannels,
  constants: ReadonlyMap<Layer, Set<number>>,
): ChannelReport[] {
  return [...findings.producers].map(([layer, channels]) => {
    const removed = channels.flatMap((channel, i) => (reasonOf(channel) === undefined ? [i] : []));
    const kept = [...(constants.get(layer) ?? [])].flatMap((output) => {
      const reason = reasonOf(channels[output]!);
      return reason === undefined ? [] : [{ output, reason }];
    });
    return { layer: layer.name, removed, kept };
  });
}

/** Outputs whose weights are all zero: constants by themselves. */
function constantOutputs(dead: DeadChannels): Map<Layer, Set<number>> {
  const found = new Map<Layer, Set<number>>();
  for (const layer of dead.findings.producers.keys()) {
    const kernel = layer.weights.find(({ originalName }) => /\/(pointwise_)?kernel$/.test(originalName))!;
    const outputs = kernel.shape.at(-1)!;
    const alive = new Uint8Array(outputs);
    (kernel.read().dataSync() as Float32Array).forEach((value, i) => {
      if (value !== 0) alive[i % outputs] = 1;
    });
    found.set(layer, new Set([...alive.keys()].filter((o) => alive[o] === 0)));
  }
  return found;
}

function writeWeights(layer: Layer, weights: ReadonlyMap<string, CutWeight>): void {
  for (const variable of layer.weights) {
    const local = localName(layer, variable);
    const { values, shape } = weights.get(local.slice(local.lastIndexOf('/') + 1))!;
    tfc.tidy(() => variable.write(tfc.tensor(values, shape)) as unknown as undefined);
  }
}

/**
 * Takes outputs (neurons, filters) that are the same whatever the input out of a model for real: smaller kernels, rewired
 * neighbours. Predictions stay what they were, but for float rounding.
 *
 * An output goes when its weights are all zero, or only reach outputs that go. What it still gave (its bias, through
 * activation and normalization) is added to the biases of the layers that read it; where zeros are padded around a
 * constant that is not zero, that is not exact, and the output stays. Outputs that an Add, Multiply or another merging
 * layer ties together, or that a shared layer has in several places, go together or not at all. Outputs of the model and
 * of models inside at their inputs stay, as does one output of every layer.
 *
 * Dense, Conv1D, Conv2D, Conv3D and SeparableConv2D layers have outputs of their own; DepthwiseConv2D and
 * BatchNormalization follow their input. Everything that is connected to a layer of another class that has weights or mixes
 * channels stays.
 *
 * @param model - Sequential or functional, built; left as it was
 * @param channels - more outputs to remove, by layer name, as though they gave zero (after the layer's activation)
 * @returns a new model, not compiled
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` for a named output that is not there or has to stay, `ERR_SPARSE_MODEL`
 */
export function removeChannels(
  model: LayersModel,
  channels: Readonly<Record<string, readonly number[]>> = {},
  options: RemoveChannelsOptions = {},
): LayersModel {
  checkModel(what, model);
  checkOptions(what, options, ['onReport']);
  refuseWrappers(model);
  const dead = findDeadChannels(model, channels);
  checkNamed(channels, dead);
  options.onReport?.(reportOf(dead, constantOutputs(dead)));
  const { findings, stays, folded } = dead;
  const writes: (() => void)[] = [];
  const rebuilt = rebuildModel(model, (layer) => {
    const slots = findings.slots.get(layer);
    const cut = slots && cutLayer(layer, { slots, stays, folded: folded.get(layer) ?? new Map() });
    const copy = copyLayer(layer, cut?.config);
    writes.push(() => (cut ? writeWeights(copy, cut.weights) : copyWeights(layer, copy)));
    return copy;
  });
  for (const write of writes) write();
  return rebuilt;
}
