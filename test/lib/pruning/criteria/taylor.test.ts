import { expect, it } from 'vitest';
import { gradientProducts } from '../../../../lib/pruning/criteria/snip.ts';
import { taylor } from '../../../../lib/pruning/criteria/taylor.ts';
import { batchFor, classifier, contextFor } from './live-models.ts';

it('is the square of g·w', async () => {
  const model = classifier();
  const context = contextFor('taylor', model, [batchFor(model, 8)]);
  const { scores } = await taylor.score(context);
  for (const [key, products] of (await gradientProducts(context)).scores) {
    expect([...scores.get(key)!]).toEqual([...products].map((product) => Math.fround(product * product)));
  }
});
