import { createRequire } from 'node:module';
import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it, vi } from 'vitest';
import { loadPeer, tfc, tfl } from '../../../lib/pruning/peers.ts';
import { constantSparsity, getSparsity, pruneLowMagnitude, stripPruning } from '../../../lib/pruning.ts';
import { data, smallModel } from './models.ts';

describe('the peers', () => {
  // Two copies of TF.js would not know each other's models and tensors.
  it("are the very instances that an import, a require and tfjs-node's own require give", () => {
    const require = createRequire(import.meta.url);
    for (const other of [core, tf, require('@tensorflow/tfjs-core')]) expect(tfc.Tensor).toBe(other.Tensor);
    for (const other of [layers, tf, require('@tensorflow/tfjs-layers')]) {
      expect(tfl.LayersModel).toBe(other.LayersModel);
    }
    expect(tfc.engine()).toBe(tf.engine());
  });

  it('that are missing give the command that installs them', () => {
    expect(() => loadPeer('@tensorflow/tfjs-absent')).toThrowError(
      expect.objectContaining({
        name: 'SparseError',
        code: 'ERR_SPARSE_PEER',
        message: expect.stringMatching(/"@tensorflow\/tfjs-absent" is not installed\. Run: npm install /),
      }),
    );
  });

  it('that are there but fail to load give their own error', () => {
    const broken = () => {
      throw new Error('a broken file');
    };
    expect(() => loadPeer('@tensorflow/tfjs-core', broken)).toThrowError('a broken file');
  });
});

it('two copies of this package in one process, as of its ESM and CommonJS builds, know the same models', async () => {
  const model = pruneLowMagnitude(smallModel(), {
    pruningSchedule: constantSparsity({ targetSparsity: 0.5, frequency: 1 }),
  });
  vi.resetModules();
  const copy = (await import('../../../lib/pruning.ts')) as typeof import('../../../lib/pruning.ts');
  expect(copy.PruneLowMagnitude).not.toBe(model.layers[0]!.constructor);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const { x, y } = data(4);
  await model.fit(x, y, { epochs: 1, verbose: 0, callbacks: copy.updatePruningStep() });
  expect(getSparsity(model).total).toBe(0.5);
  expect(copy.getSparsity(model)).toEqual(getSparsity(model));
  expect(copy.stripPruning(model).toJSON(null, false)).toEqual(stripPruning(model).toJSON(null, false));
});
