import { expect, it } from 'vitest';
import type { SparseError, UnsupportedLayerError } from '../../../lib/errors.ts';
import { compile } from '../../../lib/session/compile.ts';
import { layersArtifacts } from '../../helpers/layers-artifacts.ts';
import { rejection, relativeDifference } from '../../helpers/sessions.ts';

it('a weight that the converter loses is missing with the reason', async () => {
  const layer = (name: string) => ({ className: 'Dense', name, config: { units: 2 }, inputs: ['x'] });
  for (const [name, reason] of [
    ['conv/norm', /converter loses the weights of layers named after another one/],
    ['conv', /Do model.json and the weight files belong together/],
  ] as const) {
    const other = { name: 'other/kernel', shape: [1], values: new Float32Array(1) };
    const artifacts = layersArtifacts({ x: [3] }, [layer(name)], [name], [other]);
    const error = (await rejection(compile(artifacts))) as SparseError;
    expect(error).toMatchObject({ code: 'ERR_SPARSE_MODEL', layer: name, received: 'nothing' });
    expect(error.message).toMatch(reason);
  }
});

it('zeroOutputForMask is refused where a mask comes, and means nothing without', async () => {
  const weights = [
    { name: 'rnn/kernel', shape: [2, 3], values: new Float32Array(6).fill(0.5) },
    { name: 'rnn/recurrent_kernel', shape: [3, 3], values: new Float32Array(9) },
  ];
  const recurrent = (input: string) => ({
    className: 'SimpleRNN',
    name: 'rnn',
    config: { units: 3, use_bias: false, return_sequences: true, zero_output_for_mask: true },
    inputs: [input],
  });
  const masking = { className: 'Masking', name: 'masked', config: { mask_value: 0 }, inputs: ['x'] };
  const plain = await compile(layersArtifacts({ x: [4, 2] }, [recurrent('x')], ['rnn'], weights));
  const y = plain.run(new Float32Array(8).fill(1)) as Float32Array;
  expect(relativeDifference(y, new Float32Array(12).fill(Math.tanh(1)))).toBeLessThanOrEqual(1e-6);
  const masked = layersArtifacts({ x: [4, 2] }, [masking, recurrent('masked')], ['rnn'], weights);
  const error = (await rejection(compile(masked))) as UnsupportedLayerError;
  expect(error.layers).toMatchObject([{ name: 'rnn', className: 'SimpleRNN' }]);
  expect(error.layers[0]!.advice).toMatch(/zeroOutputForMask .* where there is a mask/);
});
