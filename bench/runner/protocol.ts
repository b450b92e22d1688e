/** What the runner asks of an engine process. `engine` is a key of `bench/engines/index.ts`. */
export type Request =
  | { op: 'prepare'; engine: string; work: unknown }
  | { op: 'sample'; engine: string; calls: number }
  | { op: 'facts'; engine: string }
  | { op: 'dispose'; engine: string };

export interface Response {
  id: number;
  error?: string;
  output?: Float32Array;
  unavailable?: string;
  seconds?: number;
  facts?: Record<string, string | number>;
}
