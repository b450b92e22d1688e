import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { runGraph } from '../run-graph.ts';
import type { Layer } from '../tf-types.ts';
import { ChannelClasses, type KeepReason } from './channel-classes.ts';
import type { Consumption, Findings, Flow } from './flow.ts';
import { walkLayer } from './walk-layer.ts';

/** Channels that can go, and those that could not. */
export interface DeadChannels {
  findings: Findings;
  stays: (channel: number) => boolean;
  reasonOf: (channel: number) => KeepReason | undefined;
  /** Constants that a layer's removed inputs had, where they are not zero, by input position. */
  folded: Map<Layer, Map<number, number>>;
}

const together: KeepReason = 'an output of the model, or what a layer makes of all channels together';
const unfoldable: KeepReason = 'constant but not zero, which the next layer cannot take into a bias';

function inputFlow(tensor: SymbolicTensor, classes: ChannelClasses): Flow {
  const channels = classes.create(tensor.shape.at(-1) ?? 1);
  classes.keep(channels, together);
  return { shape: tensor.shape, channels, constants: channels.map(() => undefined) };
}

/** Keeps channels whose constant value would be missed where it is multiplied with weights. */
function judge(consumptions: readonly Consumption[], classes: ChannelClasses): void {
  const first = new Map<Layer, Consumption>();
  for (const consumption of consumptions) {
    const { layer, channels, constants, everywhere } = consumption;
    const before = first.get(layer)?.constants ?? constants;
    first.set(layer, first.get(layer) ?? consumption);
    const missed = channels.filter((_, i) => {
      const constant = constants[i];
      if (constant === undefined || constant !== before[i]) return true;
      return constant !== 0 && !everywhere;
    });
    classes.keep(missed, unfoldable);
  }
}

/** Walks a model's graph and finds the channels that are constant, whatever the input, and can go without a trace. */
export function findDeadChannels(model: LayersModel, named: Findings['named']): DeadChannels {
  const classes = new ChannelClasses();
  const findings: Findings = { classes, slots: new Map(), consumptions: [], producers: new Map(), named };
  const inputs = model.inputs.map((tensor) => inputFlow(tensor, classes));
  const outputs = runGraph(model, inputs, (layer, flows: Flow[]) => walkLayer(layer, flows, findings), {
    // A model inside has the shapes of its inputs written down.
    enter: (flows) => {
      for (const { channels } of flows) classes.keep(channels, together);
    },
  });
  for (const { channels } of outputs) classes.keep(channels, together);
  judge(findings.consumptions, classes);
  const stays = (channel: number) => classes.reasonOf(channel) !== undefined;
  for (const channels of findings.producers.values()) {
    if (!channels.some(stays)) classes.keep(channels.slice(0, 1), 'the last channel of its layer');
  }
  const folded: DeadChannels['folded'] = new Map();
  for (const { layer, channels, constants } of findings.consumptions) {
    const values = channels.flatMap((channel, i): [number, number][] => {
      const constant = constants[i];
      return stays(channel) || constant === undefined || constant === 0 ? [] : [[i, constant]];
    });
    folded.set(layer, new Map(values));
  }
  return { findings, stays, reasonOf: (channel) => classes.reasonOf(channel), folded };
}
