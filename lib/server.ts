export { SparseError, type SparseErrorCode } from './errors.ts';
export type { ServedSession, SparseServerOptions } from './server/options.ts';
export { sparseServer } from './server/plugin.ts';
