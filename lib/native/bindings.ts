/** What native/addon.cc exports, typed. Flat on purpose: typed arrays, numbers, plain objects; no defaults. */
export interface NativeBindings {
  info(): NativeInfo;
  /** Names that C++ owns, in the order of their numbers. */
  tables(): { activations: string[]; statusCodes: string[] };
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
