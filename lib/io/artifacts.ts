/** A weight as decoded: whatever was quantized in the file is float32 or int32 here. */
export interface Weight {
  name: string;
  shape: number[];
  /** TF.js's dtype name: float32, int32, bool, string or complex64 (two floats an element). */
  dtype: WeightDtype;
  data: Float32Array | Int32Array | Uint8Array | Uint8Array[];
}

export type WeightDtype = 'float32' | 'int32' | 'bool' | 'string' | 'complex64';

/** A model as read from any source, before anything is known about its layers. */
export interface Artifacts {
  /** What messages call it: the path, or "the model in memory". */
  origin: string;
  /** 'layers': Sequential and functional models; 'graph': what the converter makes of a SavedModel. */
  format: 'layers' | 'graph';
  /** `modelTopology` of model.json. */
  topology: Readonly<Record<string, unknown>>;
  /** Of a GraphModel: its inputs and outputs by name. */
  signature?: unknown;
  /** By name as in the file. */
  weights: ReadonlyMap<string, Weight>;
}
