import { createRequire } from 'node:module';
import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { loadPeer, tfc, tfl } from '../../../lib/pruning/peers.ts';

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
