import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ReadSessionOptions } from '../session/options.ts';
import { type GraphProduct, readProduct } from './graph-product.ts';
import { isRefusal, NativePath } from './native-path.ts';
import { loadConverter, tfc } from './peers.ts';
import { productPlan, transposed } from './product-plan.ts';
import type { Rung } from './rung.ts';
import { SessionEngine } from './session-engine.ts';
import { tensorOf } from './tensor-values.ts';
import { executorOf, type GraphNode, isFloatTensor } from './tf-types.ts';

/** The operation that accelerated nodes carry. */
const opName = 'TfjsSparseMatMul';

type Execute = (inputs: readonly Tensor[]) => Tensor;
const executes = new WeakMap<object, Execute>();
let users = 0;

/**
 * Runs the matrix products of a GraphModel by sessions: each `MatMul` and `_FusedMatMul` with a constant weight becomes a
 * custom node. Only this model's nodes change; the operation itself is registered while any model uses it.
 */
export function accelerateGraph(model: GraphModel, options: ReadSessionOptions): Rung {
  const { graph, weightMap } = executorOf(model)!;
  const rungs: Rung[] = [];
  for (const node of Object.values(graph.nodes)) {
    const product = readProduct(node, weightMap);
    const rung = product && accelerateNode(node, product, options);
    if (rung !== undefined) rungs.push(rung);
  }
  if (rungs.length > 0) addUser();
  return {
    describe: () => rungs.flatMap((rung) => rung.describe()),
    restore() {
      for (const rung of rungs) rung.restore();
      if (rungs.length > 0) removeUser();
    },
  };
}

function accelerateNode(
  node: GraphNode,
  product: GraphProduct,
  options: ReadSessionOptions,
): Rung | undefined {
  const { weight, bias, inputs, outputs } = product;
  const path = new NativePath(
    options.sparse,
    bias ? [weight, bias] : [weight],
    () => new SessionEngine(planOf(node.name, product), options),
  );
  try {
    path.open();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return undefined;
  }
  executes.set(node, (tensors) => {
    const x = tensors[0]!;
    const fits = isFloatTensor(x) && x.rank >= 2 && x.shape.at(-1) === inputs && x.size > 0;
    return path.serve<Tensor>({
      inputs: fits ? [x] : undefined,
      batch: Math.max(1, x.size / inputs),
      tfjs: () => tfc.tidy(() => product.compute(tensors)),
      native: (engine, values) => tensorOf(engine.run(values)[0]!, [...x.shape.slice(0, -1), outputs]),
    });
  });
  const { op, category } = node;
  Object.assign(node, { op: opName, category: 'custom' });
  return {
    describe: () => path.describe(),
    restore() {
      Object.assign(node, { op, category });
      executes.delete(node);
      path.close();
    },
  };
}

function planOf(name: string, { weight, transposeB, inputs, outputs, bias, activation }: GraphProduct) {
  const values = weight.dataSync<'float32'>();
  return productPlan({
    name,
    kernel: transposeB ? transposed(values, outputs, inputs) : values,
    inputs,
    outputs,
    ...(bias && { bias: bias.dataSync<'float32'>() }),
    activation,
  });
}

function addUser(): void {
  if (users++ > 0) return;
  loadConverter().registerOp(opName, (value) => {
    const { node, inputs } = value as unknown as { node: GraphNode; inputs: Tensor[] };
    return executes.get(node)!(inputs);
  });
}

function removeUser(): void {
  if (--users === 0) loadConverter().deregisterOp(opName);
}
