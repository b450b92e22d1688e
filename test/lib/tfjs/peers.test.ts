import * as converter from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-node';
import { expect, it } from 'vitest';
import { loadConverter, tfc } from '../../../lib/tfjs/peers.ts';

// Two copies of TF.js would not know each other's tensors and operations.
it("takes the very instances that the user's own code has", () => {
  expect(tfc.Tensor).toBe(tf.Tensor);
  expect(tfc.engine()).toBe(tf.engine());
  expect(loadConverter().registerOp).toBe(converter.registerOp);
});
