import path from 'node:path';
import type { Optimizer } from '@tensorflow/tfjs-core';
import type { CustomCallback, LayersModel } from '@tensorflow/tfjs-layers';
import type * as TfNode from '@tensorflow/tfjs-node';
import { SparseError } from '../errors.ts';
import { checkInteger, checkOptions, checkPath } from '../native/check.ts';
import { findWrappers } from './find-wrappers.ts';
import { loadPeer, tfc, tfl } from './peers.ts';

/** Where and how often pruning is logged. */
export interface PruningSummariesOptions {
  /** Folder of the log; the events go into its folder `metrics`. */ logDir: string;
  /** At the beginning of every epoch (default), or after every so many batches. */ updateFreq?:
    | 'epoch'
    | number;
}

type Writer = ReturnType<typeof TfNode.node.summaryFileWriter>;

/** TensorFlow's own writer of event files, which only the node backend has. */
function openWriter(logDir: string): Writer {
  if (!tfc.findBackendFactory('tensorflow')) {
    throw new SparseError(
      'ERR_SPARSE_PEER',
      'pruningSummaries: event files are written by the tensorflow backend, which is not there. Import ' +
        '@tensorflow/tfjs-node first (npm install @tensorflow/tfjs-node), or log getSparsity(model) yourself.',
      { expected: 'the tensorflow backend', received: tfc.getBackend() },
    );
  }
  return loadPeer<typeof TfNode>('@tensorflow/tfjs-node').node.summaryFileWriter(logDir);
}

class PruningSummaries extends tfl.CustomCallback {
  readonly #options: PruningSummariesOptions;
  #model: LayersModel | undefined;
  #writer: Writer | undefined;
  #batches = 0;

  constructor(options: PruningSummariesOptions) {
    const { updateFreq = 'epoch' } = options;
    super({
      onTrainBegin: async () => {
        this.#writer ??= openWriter(path.join(options.logDir, 'metrics'));
      },
      onEpochBegin: async () => {
        if (updateFreq === 'epoch') this.#write();
      },
      onBatchEnd: async () => {
        this.#batches++;
        if (updateFreq !== 'epoch' && this.#batches % updateFreq === 0) this.#write();
      },
      onTrainEnd: async () => this.#writer?.flush(),
    });
    this.#options = options;
  }

  override setModel(model: LayersModel): void {
    this.#model = model;
  }

  #write(): void {
    const model = this.#model!;
    const wrappers = findWrappers(model);
    if (wrappers.length === 0) {
      throw new SparseError(
        'ERR_SPARSE_MODEL',
        `pruningSummaries: model "${model.name}" has no pruned layer, so ${this.#options.logDir} would stay empty. Train the ` +
          'model that prune or pruneLowMagnitude returned.',
        { expected: 'a pruned model', received: model.name },
      );
    }
    const step = (model.optimizer as Optimizer).iterations;
    for (const weight of wrappers.flatMap(({ pruned }) => pruned)) {
      const mask = weight.readMask();
      const kept = mask.reduce((sum, bit) => sum + bit, 0);
      const threshold = weight.threshold.read().dataSync()[0]!;
      this.#writer!.scalar(`${weight.mask.originalName}/sparsity`, 1 - kept / mask.length, step);
      this.#writer!.scalar(`${weight.threshold.originalName}/threshold`, threshold, step);
    }
  }
}

/**
 * Logs the sparsity of every mask and its threshold for TensorBoard, by the optimizer's count of steps, as TFMOT's
 * `PruningSummaries` does: `<wrapper>/mask/sparsity` and `<wrapper>/threshold/threshold`. For the callbacks of `fit`.
 *
 * @throws {@link SparseError} `ERR_SPARSE_OPTION`, `ERR_SPARSE_ARGUMENT`; in `fit`: `ERR_SPARSE_PEER` without the tensorflow
 *   backend, `ERR_SPARSE_MODEL` for a model without pruned layers
 */
export function pruningSummaries(options: PruningSummariesOptions): CustomCallback {
  const what = 'pruningSummaries';
  checkOptions(what, options ?? null, ['logDir', 'updateFreq']);
  checkPath(what, options.logDir);
  const { updateFreq = 'epoch' } = options;
  if (updateFreq !== 'epoch') checkInteger(what, 'updateFreq', updateFreq, 1);
  return new PruningSummaries(options);
}
