/** What native/addon.cc exports, typed. Flat on purpose: typed arrays, numbers, plain objects; no defaults. */
export interface NativeBindings {
  info(): NativeInfo;
  /** Names that C++ owns, in the order of their numbers. */
  tables(): { activations: string[]; statusCodes: string[] };

  /** The k-th smallest value (or magnitude), k from 1. */
  selectKth(values: Float32Array, k: number, magnitude: boolean): number;
  /** Mask of the values (or magnitudes) that rank from k-th smallest up. */
  rankMask(
    values: Float32Array,
    k: number,
    ties: 'exact' | 'keep' | 'drop',
    magnitude: boolean,
    mask: Uint8Array,
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
  expandMask(
    blocks: Uint8Array,
    inputs: number,
    outputs: number,
    blockInputs: number,
    blockOutputs: number,
    mask: Uint8Array,
  ): void;
  /** `out` may be `values`. */
  applyMask(values: Float32Array, mask: Uint8Array, out: Float32Array): void;

  csrFromDense(
    values: Float32Array,
    rows: number,
    cols: number,
    transposed: boolean,
    tolerance: number,
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
}

/** Compressed sparse rows as the addon makes them. */
export interface CsrArrays {
  rowOffsets: Int32Array;
  colIndices: Int32Array;
  values: Float32Array;
}

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
