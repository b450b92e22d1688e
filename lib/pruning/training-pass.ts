import { tfc } from './peers.ts';

/**
 * Identifies the training pass that is going on: the same object for every layer call under one gradient tape, another
 * one under the next. `undefined` outside a tape, where every call is a pass of its own.
 */
export function currentPass(): object | undefined {
  // After its first tape TF.js has null here.
  return tfc.engine().state.activeTape ?? undefined;
}
