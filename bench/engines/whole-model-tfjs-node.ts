import type { Tensor } from '@tensorflow/tfjs-core';
import type { Values } from '../../lib/session/ports.ts';
import type { WholeModelCase } from '../cases/whole-model-case.ts';
import type { Engine } from '../runner/engine.ts';
import { tensorflowVersions, tf } from './load-tfjs-node.ts';
import { joinOutputs } from './whole-model-outputs.ts';

type Outputs = Tensor | Tensor[];
const listOf = (outputs: Outputs) => (Array.isArray(outputs) ? outputs : [outputs]);

/** The model's call on tensors; a promise where TF.js can run the model in no other way. */
interface Loaded {
  call(inputs: Tensor[]): Outputs | Promise<Outputs>;
  dispose(): void;
}

async function load({ path, kind, inputs, outputs, compile }: WholeModelCase): Promise<Loaded> {
  if (kind === 'layers') {
    const model = await tf.loadLayersModel(`file://${path}`);
    return {
      call: (xs) => model.predict(xs, { batchSize: inputs[0]!.shape[0]! }),
      dispose: () => model.dispose(),
    };
  }
  const model = await tf.loadGraphModel(`file://${path}`);
  const known = Object.entries(compile.constants ?? {}).map(([name, value]) => [name, tf.tensor(value)]);
  const byName = (xs: Tensor[]) =>
    Object.fromEntries([...known, ...inputs.map(({ name }, i) => [name, xs[i]!])]);
  const isDynamic = await (async () => {
    const zeros = inputs.map(({ shape, dtype }) => tf.zeros(shape, dtype));
    try {
      tf.dispose(model.execute(byName(zeros), outputs));
      return false;
    } catch (error) {
      if (/executeAsync/.test((error as Error).message)) return true;
      throw error;
    } finally {
      tf.dispose(zeros);
    }
  })();
  return {
    call: isDynamic
      ? (xs) => model.executeAsync(byName(xs), outputs)
      : (xs) => model.execute(byName(xs), outputs),
    dispose: () => {
      model.dispose();
      tf.dispose(known);
    },
  };
}

/** A saved model in tfjs-node: arrays in, the call, arrays out, every tensor freed. */
export const wholeModelTfjsNode: Engine<WholeModelCase> = {
  name: 'tfjs-node of a saved model',
  async prepare(work) {
    const model = await load(work);
    const tensors = (set: readonly Values[]) =>
      work.inputs.map(({ shape, dtype }, i) => tf.tensor(set[i]!, shape, dtype));
    const finish = (xs: Tensor[], ys: Tensor[]) => {
      const values = ys.map((y) => y.dataSync() as Values);
      tf.dispose([...xs, ...ys]);
      return values;
    };
    const now = (set: readonly Values[]): Values[] => {
      const xs = tensors(set);
      return finish(xs, listOf(model.call(xs) as Outputs));
    };
    const later = async (set: readonly Values[]): Promise<Values[]> => {
      const xs = tensors(set);
      return finish(xs, listOf(await model.call(xs)));
    };
    const warm = tensors(work.sets[0]!);
    const answer = model.call(warm);
    const isLater = answer instanceof Promise;
    tf.dispose([...warm, ...listOf(await answer)]);
    return {
      ...(isLater ? { runLater: () => later(work.sets[0]!) } : {}),
      run: () => now(work.sets[0]!),
      outputs: async () => {
        const runs: Values[][] = [];
        for (const set of work.sets) runs.push(await later(set));
        return joinOutputs(runs);
      },
      facts: tensorflowVersions,
      dispose: () => model.dispose(),
    };
  },
};
