/** An engine of the kernels bench: whose rival it is, and in which process it lives. */
export interface ProductEngine {
  name: string;
  /** Computes with every weight, or with those that are not zero; `own`: this project. */
  kind: 'own' | 'dense' | 'sparse';
  level: 'kernel' | 'call';
  /** Node engines of one process name share a process; Python engines of one group do. */
  process: string;
  /** Of bench/engines/python: the module, and the group of packages that it needs. */
  python?: { module: string; group: string };
  /** Of bench/native: the engine's name there. */
  native?: string;
}

const node = (name: string, kind: ProductEngine['kind'], process = name): ProductEngine => ({
  name,
  kind,
  level: 'call',
  process,
});

const python = (name: string, kind: ProductEngine['kind'], module: string, group: string): ProductEngine => ({
  name,
  kind,
  level: 'call',
  process: group,
  python: { module, group },
});

const native = (
  name: string,
  kind: ProductEngine['kind'],
  level: ProductEngine['level'],
  engine = name,
): ProductEngine => ({ name, kind, level, process: 'native', native: engine });

/** All of them; outputs are compared with those of the first that runs. To add one: a line here, and its file. */
export const productEngines: readonly ProductEngine[] = [
  node('tfjs-node fused.matMul', 'dense', 'tfjs-node'),
  node('tfjs-node predict', 'dense', 'tfjs-node'),
  node('tfjs-wasm predict', 'dense', 'tfjs-wasm'),
  node('onnxruntime-node', 'dense'),
  python('onnxruntime-python', 'dense', 'onnxruntime_python', 'onnxruntime'),
  python('openvino', 'dense', 'openvino_dense', 'openvino'),
  python('torch', 'dense', 'torch_dense', 'torch'),
  python('torch csr', 'sparse', 'torch_csr', 'torch'),
  python('mkl csr', 'sparse', 'mkl_csr', 'mkl'),
  python('scipy csr', 'sparse', 'scipy_csr', 'scipy'),
  python('deepsparse', 'sparse', 'deepsparse_engine', 'deepsparse'),
  native('xnnpack', 'sparse', 'call'),
  native('libxsmm', 'sparse', 'call'),
  node('tfjs-sparse', 'own', 'tfjs-sparse'),
  node('tfjs-sparse dense', 'own', 'tfjs-sparse'),
  native('tfjs-sparse', 'own', 'kernel', 'kernel'),
];
