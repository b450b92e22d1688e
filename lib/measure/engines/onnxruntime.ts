import { createRequire } from 'node:module';
import type { LoadEngine } from '../engine.ts';

/** ONNX Runtime reads ONNX files only, and nothing here writes them yet: it never runs, and says why. */
export const onnxruntime: LoadEngine = async () => {
  try {
    createRequire(import.meta.url).resolve('onnxruntime-node');
  } catch {
    return { note: 'onnxruntime-node is not installed' };
  }
  return { note: 'this version cannot write a TensorFlow.js model as ONNX' };
};
