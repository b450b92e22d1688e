import type { Layer } from '../tf-types.ts';
import type { ChannelClasses } from './channel-classes.ts';

/** What is known of a tensor of the graph: its channels lie on the last axis. */
export interface Flow {
  /** With the batch; null where unknown. */ shape: (number | null)[];
  /** Channel at each position of the last axis; one channel may stand at many (after a Flatten). */ channels: number[];
  /** What each position always is, whatever the input; undefined where it depends on it. */ constants: (
    | number
    | undefined
  )[];
}

/** A place where a layer multiplies its input with weights. */
export interface Consumption {
  layer: Layer;
  channels: number[];
  constants: (number | undefined)[];
  /** Whether a constant input adds the same number everywhere: not where zeros are padded. */ everywhere: boolean;
}

/** Which channels a layer's weights belong to. */
export interface Slots {
  /** Channel of each input position. */ inputs: number[];
  /** Channel of each output; of a layer that follows its input, those of the input. */ outputs: number[];
}

/** What the walk through a graph finds out. */
export interface Findings {
  classes: ChannelClasses;
  slots: Map<Layer, Slots>;
  consumptions: Consumption[];
  /** Layers that make channels of their own, with them. */ producers: Map<Layer, number[]>;
  /** Outputs that count as zero, by name of the layer. */ named: Readonly<Record<string, readonly number[]>>;
}

/** Finite numbers only: others are left where they are. */
export function constantOf(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
