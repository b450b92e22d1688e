/** What native/addon.cc exports, typed. Flat on purpose: typed arrays, numbers, plain objects; no defaults. */
export interface NativeBindings {
  info(): NativeInfo;
  /** Names that C++ owns, in the order of their numbers. */
  tables(): { activations: string[]; statusCodes: string[]; storages: string[] };

  /** The k-th smallest value (or magnitude), k from 1. */
  selectKth(values: Float32Array, k: number, magnitude: boolean, threads: number): number;
  /** Mask of the values (or magnitudes) that rank from k-th smallest up. */
  rankMask(
    values: Float32Array,
    k: number,
    ties: 'exact' | 'keep' | 'drop',
    magnitude: boolean,
    mask: Uint8Array,
    threads: number,
  ): { threshold: number; kept: number };
  /** Position of the first NaN, or -1. */
  firstNan(values: Float32Array): number;
  /** One number per block, in row-major order of blocks; the first block of a side may be shorter. */
  blockNorms(
    values: Float32Array,
    inputs: number,
    outputs: number,
    blockInputs: number,
    blockOutputs: number,
    firstInputs: number,
    firstOutputs: number,
    norm: 'l1' | 'l2' | 'linf' | 'mean' | 'max',
    threads: number,
  ): Float32Array;
  /** Positions in rising order, stable. */
  rankRising(norms: Float32Array): Uint32Array;
  /** In each output, the `keep[b]` highest of block b of `group` inputs. */
  groupMask(
    scores: Float32Array,
    inputs: number,
    outputs: number,
    group: number,
    keep: Int32Array,
    mask: Uint8Array,
  ): void;
  /** Sum of the bytes. */
  countOnes(mask: Uint8Array): number;
  /** Repeats each bit over its block. @returns the ones in `mask` */
  expandMask(
    blocks: Uint8Array,
    inputs: number,
    outputs: number,
    blockInputs: number,
    blockOutputs: number,
    mask: Uint8Array,
  ): number;
  /** `out` may be `values`. */
  applyMask(values: Float32Array, mask: Uint8Array, out: Float32Array, threads: number): void;

  csrFromDense(
    values: Float32Array,
    rows: number,
    cols: number,
    transposed: boolean,
    tolerance: number,
    threads: number,
  ): CsrArrays;
  /** Throws ERR_SPARSE_CSR with the position of the first fault. */
  csrCheck(
    rows: number,
    cols: number,
    rowOffsets: Int32Array,
    colIndices: Int32Array,
    values: Float32Array,
  ): void;
  csrToDense(
    rows: number,
    cols: number,
    rowOffsets: Int32Array,
    colIndices: Int32Array,
    values: Float32Array,
  ): Float32Array;
  csrTranspose(
    rows: number,
    cols: number,
    rowOffsets: Int32Array,
    colIndices: Int32Array,
    values: Float32Array,
  ): CsrArrays;

  /** What the cost model asks of a dense weight [n, k], whose inputs are a map [k / positions channels][positions]. */
  denseStats(weight: Float32Array, n: number, k: number, positions: number): WeightStats;
  csrStats(
    rows: number,
    cols: number,
    rowOffsets: Int32Array,
    colIndices: Int32Array,
    values: Float32Array,
  ): WeightStats;
  csrPack(
    rows: number,
    cols: number,
    rowOffsets: Int32Array,
    colIndices: Int32Array,
    values: Float32Array,
    choice: NativeChoice,
  ): ProductHandle;
  /** out[m, rows] = activation(x[m, cols] · Wᵀ + bias). */
  csrMatmul(
    handle: ProductHandle,
    x: Float32Array,
    m: number,
    bias: Float32Array | null,
    activation: NativeActivation,
    out: Float32Array,
    threads: number,
  ): void;

  createSession(plan: NativePlan, threads: number): SessionHandle;
  disposeSession(handle: SessionHandle): void;
  /** One input, one output. 0 when it ran; 1 when the arguments do not fit, 2 when memory ran out. Never throws. */
  run(handle: SessionHandle, x: Float32Array, out: Float32Array): number;
  runMany(
    handle: SessionHandle,
    batch: number,
    inputs: readonly (Float32Array | Int32Array)[],
    outputs: readonly (Float32Array | Int32Array)[],
  ): void;
  runAsync(
    handle: SessionHandle,
    batch: number,
    inputs: readonly (Float32Array | Int32Array)[],
  ): Promise<(Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>)[]>;
  sessionReport(handle: SessionHandle, batch: number): SessionReport;
  /** Microseconds of each step of the plan: the least of `repeats` runs on zeros. */
  timeSteps(handle: SessionHandle, batch: number, repeats: number): number[];
}

/** An External of the addon; only its own functions can look inside. */
export interface SessionHandle {
  readonly kind: 'session';
}
export interface ProductHandle {
  readonly kind: 'product';
}

/** Counts of a weight [n outputs, k inputs]. */
export interface WeightStats {
  nonZeros: number;
  /** Entries of spmm where 2, 4 or 8 neighbouring outputs share a pattern. */
  entries2: number;
  entries4: number;
  entries8: number;
  /** Slots of spmv's windows, padding included; of narrow ones, the same number where the CPU has none. */
  windowSlots: number;
  narrowSlots: number;
  /** Each of several outputs keeps as many weights of every 32 neighbouring inputs as the others. */
  balanced: boolean;
  /** N:M: so many weights of every `nmOf` neighbouring inputs of each output are kept; both 0 where that is not so. */
  nmKeep: number;
  nmOf: number;
  /** Inputs and outputs that any weight belongs to. */
  usedInputs: number;
  usedOutputs: number;
}

/** vector: 0 none, 1 windows, 2 dense, 3 narrow windows, for up to vectorColumns columns; slices for up to sliceColumns, 0 for none; for more nr: outputs that share a pattern, 0 for none; storage: index into `tables().storages`. */
export interface NativeChoice {
  vector: 0 | 1 | 2 | 3;
  vectorColumns: number;
  nr: 0 | 1 | 2 | 4 | 8;
  dense: boolean;
  sliceColumns: number;
  storage: number;
}

/** `type` is an index into `tables().activations`. */
export interface NativeActivation {
  type: number;
  alpha: number;
  min: number;
  max: number;
}

export interface NativeWindow {
  kernelHeight: number;
  kernelWidth: number;
  strideY: number;
  strideX: number;
  dilationY: number;
  dilationX: number;
  padTop: number;
  padLeft: number;
}

export interface NativeStep {
  op:
    | 'matmul'
    | 'conv2d'
    | 'depthwise'
    | 'maxPool'
    | 'avgPool'
    | 'affine'
    | 'activation'
    | 'softmax'
    | 'normalize'
    | 'alias'
    | 'constant'
    | 'toArray'
    | 'toMap'
    | 'binary'
    | 'unary'
    | 'prelu'
    | 'pick'
    | 'resize'
    | 'blocks'
    | 'concat'
    | 'overlapAdd'
    | 'strided'
    | 'fill'
    | 'cast'
    | 'reduce'
    | 'select'
    | 'product'
    | 'gather'
    | 'gatherNd'
    | 'topK'
    | 'recurrence'
    | 'where'
    | 'nonMaxSuppression';
  inputs: number[];
  output: number;
  activation?: NativeActivation;
  weight?: Float32Array;
  bias?: Float32Array;
  n?: number;
  k?: number;
  multiplier?: number;
  window?: NativeWindow;
  choice?: NativeChoice;
  whole?: boolean;
  /** Which of its family a binary, unary, cast, reduce, blocks or recurrence step is. */
  function?: string;
  /** The elements are int32. */
  integers?: boolean;
  rows?: number[];
  columns?: number[];
  channels?: number[];
  value?: number;
  /** An N-d loop: its sizes, and for each operand (the output last) a stride per axis and an offset. */
  sizes?: number[];
  strides?: number[][];
  offsets?: number[];
  /** nonMaxSuppression: overlap, lowest score, sigma. */
  thresholds?: number[];
  /** reduce: how many of the loop's last axes are reduced. */
  axes?: number;
  alignCorners?: boolean;
  halfPixels?: boolean;
  /** recurrence: `function` is its cell, `activation` the cell's. */
  gateActivation?: NativeActivation;
  backwards?: boolean;
  /** Whether the mask, and the initial states, are among the inputs. */
  masked?: boolean;
  initial?: boolean;
}

export interface NativeValue {
  channels: number;
  height: number;
  width: number;
  /** Row-major, all of it in `channels`; else a feature-major map. */
  array: boolean;
  /** Of an array: one for all rows of the batch. */
  fixed: boolean;
  /** int32 elements. */
  integers: boolean;
}

export interface NativePlan {
  values: NativeValue[];
  steps: NativeStep[];
  inputs: number[];
  outputs: number[];
  /** The only batch that runs, 0 for any. */
  batch: number;
}

/** How a run divides a product among its threads, which take part after part. */
export interface WorkDivision {
  /** Parts that the outputs are cut into. */
  outputs: number;
  /** Parts that the columns (M) are cut into. Both are 1 where one thread does it all. */
  columns: number;
  /** Why. */
  reason: string;
}

export interface SessionReport {
  /** One per step of the plan; an alias has no kernel, and only a product is divided so. */
  steps: { kernel: string; bytes: number; division?: WorkDivision }[];
  arenaBytes: number;
  weightBytes: number;
}

/** Compressed sparse rows as the addon makes them. */
export interface CsrArrays {
  /** rows + 1 offsets into the other two, from 0 to their length. */
  rowOffsets: Int32Array;
  /** Column of each entry, rising within a row. */
  colIndices: Int32Array;
  /** Each entry, as long as `colIndices`. */
  values: Float32Array;
}

/** The addon and the machine that it runs on. */
export interface NativeInfo {
  /** Version of the addon. */
  version: string;
  /** Instruction set that runs. */
  isa: string;
  /** Instruction sets in this binary. */
  isasBuilt: string[];
  /** Instruction sets that this CPU and its operating system support. */
  isasSupported: string[];
  /** Brand string of the CPU. */
  cpu: string;
  /** Logical processors. */
  cores: number;
}
