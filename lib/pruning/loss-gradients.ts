import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError } from '../errors.ts';
import { pause } from '../native/abort.ts';
import type { Batch } from './batches.ts';
import type { LiveContext } from './criteria/live-criterion.ts';
import { layersOfKernel } from './kernels-of-layers.ts';
import { type ModelLoss, readLoss } from './losses.ts';
import { tfc } from './peers.ts';
import { asList, variableOf } from './tf-types.ts';

/** Mean loss of a batch; tensors made on the way are the caller's to tidy. */
export type BatchLoss = () => Tensor;

function targetsOf(context: LiveContext, batch: Batch, index: number): Tensor[] {
  const { what, criterion, model } = context;
  const targets = batch.ys === undefined ? [] : asList(batch.ys);
  if (targets.length === model.outputs.length) return targets;
  const received = batch.ys === undefined ? 'no ys' : `ys of ${targets.length} tensors`;
  throw new SparseError(
    'ERR_SPARSE_ARGUMENT',
    `${what}: criterion "${criterion}" takes gradients of a loss, and batch ${index} of data has ${received}, expected ` +
      `${model.outputs.length} (one per output). Give { xs, ys } in every batch.`,
    { tensor: 'ys', expected: model.outputs.length, received },
  );
}

function forward(model: LayersModel, batch: Batch): Tensor[] {
  const inputs = asList(batch.xs);
  const feeds = inputs.length === 1 ? inputs[0]! : inputs;
  return asList(model.apply(feeds, { training: false }) as Tensor | Tensor[]);
}

function lossOf(loss: ModelLoss, outputs: Tensor[], targets: Tensor[], temperature: number): Tensor {
  const means = outputs.map((output, i) => {
    const judged =
      temperature === 1
        ? output
        : loss.outputOf[i]!(tfc.div(loss.logitsOf[i]!(output), tfc.scalar(temperature)));
    return tfc.mean(loss.functions[i]!(targets[i]!, judged));
  });
  return means.reduce((sum, mean) => tfc.add(sum, mean));
}

/** The loss of each batch as a function of the model's present weights, dropout off, normalization by its stored statistics. */
export function batchLosses(context: LiveContext): BatchLoss[] {
  const { what, model, batches, temperature } = context;
  const loss = readLoss(what, model, context.loss, context.given);
  const divisor = temperature ?? (loss.crossEntropy ? 200 : 1);
  return batches.map((batch, i) => {
    const targets = targetsOf(context, batch, i);
    return () => lossOf(loss, forward(model, batch), targets, divisor);
  });
}

/** Names the layer behind an error of TF.js's gradients. */
export function gradientError(context: LiveContext, error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  const missing = /gradient function not found for (\w+)|kernel '(\w+)'/i.exec(message);
  const kernel = missing?.[1] ?? missing?.[2];
  const known = kernel !== undefined || message.startsWith('Error in gradient');
  if (error instanceof SparseError || !known) return error;
  const { what, criterion, model, batches } = context;
  const [batch] = batches;
  const layers = kernel && batch ? layersOfKernel(model, asList(batch.xs), kernel) : [];
  const where =
    layers.length > 0 ? layers.map((name) => `layer "${name}"`).join(', ') : 'the loss or a layer';
  return new SparseError(
    'ERR_SPARSE_UNSUPPORTED_LAYER',
    `${what}: criterion "${criterion}" needs a gradient that TensorFlow.js does not have in ${where}: ${message} ` +
      'Leave the layer out of the model, or take another criterion: magnitude needs no gradient.',
    {
      ...(layers[0] !== undefined && { layer: layers[0] }),
      expected: 'differentiable operations',
      received: kernel ?? message,
      cause: error,
    },
  );
}

/** Value of a scalar function, and its gradients by the weights that are scored; zeros where it does not depend on one. */
export function gradientsOf(context: LiveContext, value: BatchLoss): { value: number; gradients: Tensor[] } {
  const variables = context.weights.map(({ variable }) => variableOf(variable));
  try {
    const [loss, ...gradients] = tfc.tidy(() => {
      const found = tfc.engine().gradients(value, variables, undefined, true);
      return [found.value, ...found.grads.map((grad, i) => grad ?? tfc.zerosLike(variables[i]!))];
    });
    const [number] = loss!.dataSync();
    loss!.dispose();
    return { value: number!, gradients };
  } catch (error) {
    throw gradientError(context, error);
  }
}

async function pauseOrFree(context: LiveContext, held: Tensor[] | undefined): Promise<void> {
  try {
    await pause(context.what, context.signal);
  } catch (error) {
    tfc.dispose(held ?? []);
    throw error;
  }
}

/** Sums of gradients over all batches, and the loss of each batch. */
export async function summedGradients(
  context: LiveContext,
  losses: readonly BatchLoss[],
  gradientsOfBatch = (loss: BatchLoss) => gradientsOf(context, loss),
): Promise<{ losses: number[]; gradients: Tensor[] }> {
  const values: number[] = [];
  let sums: Tensor[] | undefined;
  for (const loss of losses) {
    await pauseOrFree(context, sums);
    const { value, gradients } = gradientsOfBatch(loss);
    values.push(value);
    if (!sums) {
      sums = gradients;
      continue;
    }
    const before = sums;
    sums = gradients.map((gradient, i) => tfc.add(before[i]!, gradient));
    tfc.dispose([...before, ...gradients]);
  }
  return { losses: values, gradients: sums ?? [] };
}
