import type { AcceleratedStep } from './native-path.ts';

/** One way in which a model, or what of it can be reached that way, was accelerated. */
export interface Rung {
  describe(): AcceleratedStep[];
  /** Puts everything back as it was found and gives native memory back. */
  restore(): void;
}
