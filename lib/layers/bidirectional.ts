import type { BinaryFunction } from '../plan/functions.ts';
import type { ValueId } from '../plan/plan.ts';
import type { LayerCall } from './layer-call.ts';
import type { LayerConfig } from './layer-config.ts';
import type { LayerType } from './layer-type.ts';
import { combine } from './ops/binary.ts';
import { join } from './ops/concat.ts';
import { constant, type GraphTensor } from './ops/graph-tensor.ts';
import { type RecurrentLayer, readRecurrent, reversed, runRecurrent } from './recurrent.ts';

const sums: Readonly<Record<string, BinaryFunction>> = { sum: 'add', ave: 'add', mul: 'mul' };

/**
 * A recurrent layer from both ends of the sequence. The outputs of the backward one are put in the order of time, then
 * both are merged: concat (default), sum, ave or mul; with null each is an output.
 */
export const bidirectional: LayerType = {
  classNames: ['Bidirectional'],
  wholeModelOnly: true,
  lower: (config) => {
    const inner = config.nested('layer');
    const forward = readRecurrent(inner);
    const backward = readBackward(config, forward);
    const mode = readMode(config);
    // Keras 3 writes the forward layer, Keras 2 and TensorFlow.js the one that both are made of.
    const name = config.dialect === 'keras3' ? inner.layer.replace(/^forward_/, '') : inner.layer;
    return (call) => {
      if (forward.returnSequences && call.mask) call.maskOutput(call.mask);
      const [input, ...initial] = call.op.inputs.map((tensor) => call.op.map(tensor).id);
      if (input === undefined) throw call.op.unfit('at least one input', 0);
      const half = initial.length / 2;
      if (!Number.isInteger(half)) throw call.op.unfit('initial states for both directions', initial.length);
      const run = (layer: RecurrentLayer, side: string, states: readonly ValueId[]) =>
        runRecurrent(call, layer, { input, initial: states, prefix: `${side}_${name}/` });
      const ahead = run(forward, 'forward', initial.slice(0, half));
      const back = run(backward, 'backward', initial.slice(half));
      const turned = forward.returnSequences ? reversed(call, back.output) : back.output;
      return [...merge(call, mode, ahead.output, turned), ...ahead.states, ...back.states];
    };
  },
};

/** The same layer from the other end; Keras may have written it out. */
function readBackward(config: LayerConfig, forward: RecurrentLayer): RecurrentLayer {
  if (config.get('backwardLayer') === undefined) return { ...forward, goBackwards: !forward.goBackwards };
  return readRecurrent(config.nested('backwardLayer'));
}

function readMode(config: LayerConfig): string | undefined {
  // A missing mode is concat, null is none: `get` cannot tell them apart.
  const mode = config.has('mergeMode') ? config.get('mergeMode') : 'concat';
  if (mode === undefined || (typeof mode === 'string' && (mode === 'concat' || Object.hasOwn(sums, mode)))) {
    return mode;
  }
  throw config.wrong('mergeMode', 'concat, sum, ave, mul or null', mode);
}

function merge({ op }: LayerCall, mode: string | undefined, a: ValueId, b: ValueId): ValueId[] {
  if (mode === undefined) return [a, b];
  const both = [op.computed(a), op.computed(b)] as const;
  if (mode === 'concat') return [op.portId(join(op, both, both[0].shape.length - 1))];
  const merged: GraphTensor = combine(op, sums[mode]!, ...both);
  if (mode !== 'ave') return [op.portId(merged)];
  return [op.portId(combine(op, 'mul', merged, constant('float32', [], Float32Array.of(0.5))))];
}
