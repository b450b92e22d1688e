/** Why a channel stays. */
export type KeepReason =
  | 'an output of the model, or what a layer makes of all channels together'
  | 'tied to a channel that is alive'
  | 'constant but not zero, which the next layer cannot take into a bias'
  | 'the last channel of its layer';

/**
 * Channels of a model by number, in classes that can only be removed together: the channels that an Add ties, those of a
 * layer that is used twice, and so on.
 */
export class ChannelClasses {
  readonly #parents: number[] = [];
  readonly #reasons = new Map<number, KeepReason>();

  /** New channels, each in a class of its own. */
  create(count: number): number[] {
    return Array.from({ length: count }, () => {
      this.#parents.push(this.#parents.length);
      return this.#parents.length - 1;
    });
  }

  /** The number that stands for the class of a channel. */
  classOf(channel: number): number {
    let root = channel;
    while (this.#parents[root] !== root) root = this.#parents[root]!;
    while (this.#parents[channel] !== root) {
      const next = this.#parents[channel]!;
      this.#parents[channel] = root;
      channel = next;
    }
    return root;
  }

  /** From now on the channels at each position live and die together. */
  tie(a: readonly number[], b: readonly number[]): void {
    a.forEach((channel, i) => {
      const [first, second] = [this.classOf(channel), this.classOf(b[i]!)];
      if (first === second) return;
      this.#parents[second] = first;
      const reason = this.#reasons.get(second);
      if (reason && !this.#reasons.has(first)) this.#reasons.set(first, reason);
    });
  }

  /** These channels stay. The first reason is kept. */
  keep(channels: readonly number[], reason: KeepReason): void {
    for (const channel of channels) {
      const root = this.classOf(channel);
      if (!this.#reasons.has(root)) this.#reasons.set(root, reason);
    }
  }

  /** Why a channel stays; undefined when it goes. */
  reasonOf(channel: number): KeepReason | undefined {
    return this.#reasons.get(this.classOf(channel));
  }
}
