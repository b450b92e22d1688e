import type { TensorInfo } from '../session/ports.ts';

// The bodies of the Open Inference Protocol, version 2, over REST:
// https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md

/** What `GET v2/models/:name` says of an input or output; -1 is a dimension known only at run time: the batch. */
interface TensorMetadata {
  name: string;
  datatype: string;
  shape: number[];
}

export interface ModelMetadata {
  name: string;
  platform: string;
  inputs: TensorMetadata[];
  outputs: TensorMetadata[];
}

/** Data is row-major and flat. */
export interface ResponseOutput {
  name: string;
  shape: number[];
  datatype: string;
  data: number[];
}

export interface InferResponse {
  model_name: string;
  id?: string;
  outputs: ResponseOutput[];
}

/** The protocol's name of each element type. */
const datatypes: Readonly<Record<TensorInfo['dtype'], string>> = {
  float32: 'FP32',
  int32: 'INT32',
  uint8: 'UINT8',
};

export function datatypeOf({ dtype }: TensorInfo): string {
  return datatypes[dtype];
}

/** Name of the one kind of model that is served, as `<project>_<format>`. */
const platform = 'tfjs-sparse_plan';

export function modelMetadata(
  name: string,
  { inputs, outputs }: { inputs: readonly TensorInfo[]; outputs: readonly TensorInfo[] },
): ModelMetadata {
  const metadata = (info: TensorInfo): TensorMetadata => ({
    name: info.name,
    datatype: datatypeOf(info),
    shape: info.shape.map((dimension) => dimension ?? -1),
  });
  return { name, platform, inputs: inputs.map(metadata), outputs: outputs.map(metadata) };
}
