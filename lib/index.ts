export { errorCodes, SparseError, type SparseErrorCode, UnsupportedLayerError } from './errors.ts';
export type { NativeInfo } from './native/bindings.ts';
export { nativeInfo } from './native/info.ts';
