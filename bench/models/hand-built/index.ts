import { bidirectionalLstm } from './bidirectional-lstm.ts';
import { gruLanguageModel } from './gru-language-model.ts';
import type { HandBuiltModel } from './hand-built-model.ts';
import { multiInput } from './multi-input.ts';
import { transformerEncoder } from './transformer-encoder.ts';
import { uNet } from './u-net.ts';

/** The models that are built in TensorFlow.js rather than loaded. */
export const handBuiltModels: readonly HandBuiltModel[] = [
  transformerEncoder,
  bidirectionalLstm,
  gruLanguageModel,
  uNet,
  multiInput,
];
