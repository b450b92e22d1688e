import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { expectSameAsTfjs } from '../../helpers/against-tfjs.ts';
import { Random } from '../../helpers/random.ts';

describe('pooling', () => {
  it('equals TensorFlow.js on random windows; padding counts in no mean', async () => {
    const random = new Random();
    for (let i = 0; i < 16; i++) {
      const config = {
        poolSize: [random.integer(1, 4), random.integer(1, 4)] as [number, number],
        strides:
          random.next() < 0.3
            ? undefined
            : ([random.integer(1, 3), random.integer(1, 3)] as [number, number]),
        padding: random.pick(['same', 'valid'] as const),
        inputShape: [random.integer(4, 9), random.integer(4, 9), random.integer(1, 4)],
      };
      const layer = random.pick([tf.layers.maxPooling2d, tf.layers.averagePooling2d])(config);
      await expectSameAsTfjs(tf.sequential({ layers: [layer] }), random);
    }
  });

  it('pools a whole map into one vector', async () => {
    const random = new Random();
    for (const layer of [tf.layers.globalAveragePooling2d, tf.layers.globalMaxPooling2d]) {
      const model = tf.sequential({ layers: [layer({ inputShape: [3, 5, 4] })] });
      const plan = await expectSameAsTfjs(model, random);
      expect(plan.values.at(-1)!.shape).toEqual([4]);
    }
  });
});
