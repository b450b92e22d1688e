import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compiledClasses, findLayerType, prunableWeights } from '../../../lib/layers/registry.ts';

describe('the registry of layers', () => {
  it('names the prunable weights of each class, in TF.js words', () => {
    expect(prunableWeights('Dense')).toEqual(['kernel']);
    expect(prunableWeights('Conv2D')).toEqual(['kernel']);
    expect(prunableWeights('SeparableConv2D')).toEqual(['pointwise_kernel']);
    expect(prunableWeights('LSTM')).toEqual(['kernel', 'recurrent_kernel']);
    expect(prunableWeights('Embedding')).toEqual(['embeddings']);
  });

  it('accepts classes with nothing to prune and refuses what TFMOT refuses', () => {
    for (const name of [
      'DepthwiseConv2D',
      'BatchNormalization',
      'Flatten',
      'Dropout',
      'Concatenate',
      'ZeroPadding2D',
    ]) {
      expect(prunableWeights(name), name).toEqual([]);
    }
    for (const name of [
      'Bidirectional',
      'TimeDistributed',
      'PReLU',
      'ConvLSTM2D',
      'Rescaling',
      'NoSuchLayer',
    ]) {
      expect(prunableWeights(name), name).toBeUndefined();
    }
  });

  it("agrees with TFMOT's own table", () => {
    const file = new URL('../../golden/tfmot_wrapper.json', import.meta.url);
    const { supported_layers } = JSON.parse(readFileSync(file, 'utf8')) as {
      supported_layers: Record<string, boolean>;
    };
    for (const [name, isSupported] of Object.entries(supported_layers)) {
      expect(prunableWeights(name) !== undefined, name).toBe(isSupported);
    }
  });

  it('lists what can be compiled', () => {
    expect(compiledClasses()).toEqual(expect.arrayContaining(['Dense', 'Conv2D', 'BatchNormalization']));
    expect(compiledClasses()).not.toContain('ConvLSTM2D');
    for (const name of compiledClasses()) expect(findLayerType(name)?.lower, name).toBeTypeOf('function');
  });
});

describe('the page about compiling', () => {
  it('names every class that compiles, and no other', () => {
    const page = readFileSync(new URL('../../../docs/compiling.md', import.meta.url), 'utf8');
    const [compiled] = page.split('### Layers that are not compiled') as [string];
    const rows = compiled.split('\n').filter((line) => /^\| `[A-Z]/.test(line));
    const named = rows.flatMap((row) =>
      [...row.split('|')[1]!.matchAll(/`(\w+)`/g)].map((match) => match[1]!),
    );
    expect(named.sort()).toEqual(compiledClasses().sort());
  });
});
