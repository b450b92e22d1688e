import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/** The place of a tensor among the inputs of a call. */
export class TensorArgument {
  readonly index: number;

  constructor(index: number) {
    this.index = index;
  }
}

/**
 * What a call of a Keras layer was given, as Python saw it: lists and objects as in the file, every tensor in them as
 * a {@link TensorArgument}.
 */
export interface CallArguments {
  readonly positional: readonly unknown[];
  readonly named: Readonly<Record<string, unknown>>;
}

/** Of a call on tensors alone. */
export const noArguments: CallArguments = { positional: [], named: {} };

/** Whether an argument is a tensor, or holds one. */
export function hasTensor(argument: unknown): boolean {
  if (argument instanceof TensorArgument) return true;
  return Array.isArray(argument) && argument.some(hasTensor);
}

/**
 * Of a layer that takes tensors in their order and nothing else.
 *
 * @throws {@link UnsupportedFeature} for an argument that would change what the layer computes
 */
export function refuseArguments({ named }: CallArguments): void {
  if (named.training === true)
    throw new UnsupportedFeature('it is called with training: true; call it without, or as in inference');
  const extra = Object.keys(named).find((name) => name !== 'initial_state' && hasTensor(named[name]));
  if (extra !== undefined)
    throw new UnsupportedFeature(
      `the argument "${extra}" of its call is not compiled where it is a tensor; ${keepInTensorFlow}`,
    );
}
