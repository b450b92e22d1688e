import { expect, it } from 'vitest';
import * as pruning from '../../../lib/pruning.ts';

it('the entry point has these names and no others', () => {
  expect(Object.keys(pruning).sort()).toEqual([
    'PruneLowMagnitude',
    'PruningWrapper',
    'SparseError',
    'afterStep',
    'assertSparsity',
    'coefficientEffects',
    'constantSparsity',
    'cosineSparsity',
    'evaluateCoefficients',
    'exponentialSparsity',
    'getSparsity',
    'jaxPrunerSchedule',
    'linearSparsity',
    'maskGradients',
    'polynomialDecay',
    'pruneColumns',
    'pruneLayerColumns',
    'pruneLowMagnitude',
    'reviveSchedule',
    'sizeReport',
    'stripPruning',
    'updatePruningStep',
    'withMasks',
  ]);
});
