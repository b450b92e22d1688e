import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { compiledClasses, findLayerType } from '../../../lib/layers/registry.ts';
import { expectLayerRuns, expectSessionRuns, modelOf } from '../../helpers/layer-session.ts';
import { Random } from '../../helpers/random.ts';
import { kerasOnlyCases } from './cases/keras-only.ts';
import type { LayerCases } from './cases/layer-case.ts';
import { plainCases } from './cases/plain.ts';
import { recurrentCases } from './cases/recurrent.ts';
import { windowCases } from './cases/windows.ts';

/** Random layers of each class. */
const rounds = 8;

const cases: LayerCases = { ...plainCases, ...windowCases, ...recurrentCases, ...kerasOnlyCases };

const { seed } = new Random();

/** One random layer; what fails names the seed with which it is the first one. */
async function runCase(className: string, seed: number): Promise<void> {
  const random = new Random(seed);
  try {
    const { layer, inputs, run, alone } = cases[className]!(random);
    if (alone) return await runAlone(className, layer, inputs[0]!, alone);
    const session = await expectSessionRuns(modelOf(layer, inputs, random), random, run);
    session.dispose();
  } catch (error) {
    throw new Error(`${className}, SEED=${seed}: ${(error as Error).message}`, { cause: error });
  }
}

async function runAlone(
  className: string,
  layer: tf.layers.Layer,
  shape: readonly number[],
  x: Float32Array,
): Promise<void> {
  // tfjs-node has no kernel for it.
  if (className === 'CategoryEncoding') await tf.setBackend('cpu');
  try {
    await expectLayerRuns(layer, shape, x, className);
  } finally {
    await tf.setBackend('tensorflow');
  }
}

describe('every class of layers gives what TensorFlow.js gives, on random shapes and attributes:', () => {
  it.each(Object.keys(cases))('%s', async (className) => {
    for (let round = 0; round < rounds; round++) await runCase(className, seed + round);
  });

  it('none is left out', () => {
    // Functions between layers, which have their operands in the call, are in test/keras and call-arguments.test.ts.
    const classes = compiledClasses().filter((name) => !findLayerType(name)!.readsArguments);
    expect(Object.keys(cases).toSorted()).toEqual(classes.toSorted());
  });
});
