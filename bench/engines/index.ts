import type { Engine } from '../runner/engine.ts';

/** Every engine by name, loaded by the process that runs it. To add one: a file here and a line in this map. */
export const engines: Readonly<Record<string, () => Promise<Engine<never>>>> = {
  'tfjs-node predict': async () => (await import('./tfjs-node-predict.ts')).tfjsNodePredict,
  'tfjs-node fused.matMul': async () => (await import('./tfjs-node-matmul.ts')).tfjsNodeMatmul,
  'tfjs-wasm predict': async () => (await import('./tfjs-wasm-predict.ts')).tfjsWasmPredict,
  'accelerated predict': async () => (await import('./accelerated-predict.ts')).acceleratedPredict,
  'onnxruntime-node': async () => (await import('./onnxruntime-node.ts')).onnxruntimeNode,
  'tfjs-sparse': async () => (await import('./product.ts')).tfjsSparse,
  'tfjs-sparse dense': async () => (await import('./product.ts')).tfjsSparseDense,
  'session dense': async () => (await import('./session.ts')).sessionDense,
  'tfjs-sparse rank': async () => (await import('./rank-tfjs-sparse.ts')).rankTfjsSparse,
  'tfjs-sparse rank into out': async () => (await import('./rank-tfjs-sparse.ts')).rankTfjsSparseOut,
  copy: async () => (await import('./rank-tfjs-sparse.ts')).copyFloats,
  'tfjs-node rank': async () => (await import('./rank-tfjs-node.ts')).rankTfjsNode,
  'tfjs-node topk': async () => (await import('./rank-tfjs-node.ts')).topKTfjsNode,
  'mask update': async () => (await import('./mask-update.ts')).maskUpdate,
  'mask update by ops': async () => (await import('./mask-update.ts')).maskUpdateByOps,
  'plain step': async () => (await import('./train-step.ts')).plainStep,
  'pruned step': async () => (await import('./train-step.ts')).prunedStep,
  'session sparse': async () => (await import('./session.ts')).sessionSparse,
  'session of a saved model': async () => (await import('./whole-model-session.ts')).wholeModelSession,
  'tfjs-node of a saved model': async () => (await import('./whole-model-tfjs-node.ts')).wholeModelTfjsNode,
};
