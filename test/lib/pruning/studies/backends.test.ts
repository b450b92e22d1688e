import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../helpers/temp-folder.ts';
import { onBackends, tf } from '../backends.ts';
import { recordsOf, tinyModel } from './problem.ts';
import { studies } from './studies.ts';

// every-study.test.ts has the tensorflow backend.
onBackends(['cpu', 'wasm'], (backend) => {
  const temporary = temporaryFolder();

  describe.each(Object.entries(studies))('%s', (name, study) => {
    it('stopped in the middle, goes on to the same records; leaves model and memory as they were', async () => {
      expect(tf.getBackend()).toBe(backend);
      const model = tinyModel();
      const before = model.getWeights().map((weight) => [...weight.dataSync()]);
      const plain = await recordsOf(study({ model }));
      const { numTensors } = tf.memory();
      const controller = new AbortController();
      const folder = temporary(name.replaceAll(/\W/g, '-'));
      let seen = 0;
      const stopped = async () => {
        for await (const _ of study({ model, folder, signal: controller.signal }))
          if (++seen === Math.ceil(plain.length / 2)) controller.abort();
      };
      await expect(stopped()).rejects.toMatchObject({ code: 'ERR_SPARSE_ABORTED' });
      expect(await recordsOf(study({ model, folder }))).toEqual(plain);
      expect(tf.memory().numTensors).toBe(numTensors);
      expect(model.getWeights().map((weight) => [...weight.dataSync()])).toEqual(before);
    });
  });
});
