import { SparseError, type UnsupportedLayer } from '../errors.ts';
import { type CallArguments, refuseArguments } from '../layers/call-arguments.ts';
import { findOperation } from '../layers/keras-operations.ts';
import { asOperation } from '../layers/layer-call.ts';
import { type Dialect, LayerConfig } from '../layers/layer-config.ts';
import type { LayerType, LowerCall } from '../layers/layer-type.ts';
import { maskBehind, staleMask } from '../layers/mask.ts';
import type { Mask } from '../layers/mask-type.ts';
import { castTo } from '../layers/ops/cast.ts';
import { BatchIsMixed } from '../layers/ops/graph-tensor.ts';
import { type GraphContext, newContext } from '../layers/ops/op-call.ts';
import { findLayerType } from '../layers/registry.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../layers/unsupported-feature.ts';
import type { PlanBuilder } from '../plan/builder.ts';
import type { ValueId } from '../plan/plan.ts';
import { callOrder } from './call-order.ts';
import { inputDtypeOf, inputShapeOf } from './input-shape.ts';
import { malformed } from './json.ts';
import { readLayerWeight } from './layer-weights.ts';
import type { GraphLayer, LeafLayer, ModelGraph, TensorRef } from './model-graph.ts';
import type { WeightStore } from './weight-store.ts';

/** The values that a call makes; `undefined` behind a layer that cannot be compiled. */
type Outputs = readonly ValueId[] | undefined;

/**
 * Walks a model from its outputs and adds the steps of every call that they need. Layers that cannot be compiled
 * are collected, the walk goes on around them.
 */
export class GraphLowering {
  readonly unsupported: UnsupportedLayer[] = [];
  private readonly lowerings = new Map<LeafLayer, LowerCall | undefined>();
  /** Integers that were made float32, by value. */
  private readonly floats = new Map<ValueId, ValueId>();
  private maskWasRead = false;
  /** Layers that would read a mask and had none. */
  private readonly maskless: Pick<UnsupportedLayer, 'name' | 'className'>[] = [];
  private readonly plan: PlanBuilder;
  private readonly context: GraphContext;
  private readonly weights: WeightStore;
  private readonly dialect: Dialect;

  constructor(plan: PlanBuilder, weights: WeightStore, dialect: Dialect) {
    this.plan = plan;
    this.context = newContext(plan, 'layer');
    this.weights = weights;
    this.dialect = dialect;
  }

  /** Adds the root model: its inputs become the plan's, its output values are returned. */
  lowerRoot(graph: ModelGraph): Outputs[] {
    this.readConfigs(graph, []);
    const inputs = graph.inputs.map(({ layer }) => {
      const door = graph.layers.get(layer)!;
      const shape = inputShapeOf(door);
      if (inputDtypeOf(door) !== 'int32') return [this.plan.input(layer, shape)];
      return [this.plan.inputArray(layer, shape, 'int32', false)];
    });
    const outputs = this.lowerModel(graph, [graph.name], inputs);
    // TensorFlow.js may run the other branches of a model first: then they have left a mask.
    for (const reader of this.maskWasRead ? this.maskless : [])
      this.unsupported.push({ ...reader, advice: `${staleMask.trouble}; ${keepInTensorFlow}` });
    return outputs;
  }

  /** Reads the configuration of every layer first, so that all that is unsupported is known whatever follows. */
  private readConfigs(graph: ModelGraph, around: readonly string[]): void {
    for (const layer of graph.layers.values()) {
      const path = [...around, layer.kind === 'layer' ? layer.ownName : layer.name];
      if (layer.kind === 'model') this.readConfigs(layer.graph, path);
      else this.lowerings.set(layer, this.readConfig(layer, path.join('/')));
    }
  }

  private readConfig(layer: LeafLayer, name: string): LowerCall | undefined {
    const type = this.typeOf(layer);
    return this.collect(layer, name, () => {
      if (!type) throw new UnsupportedFeature(`this class is not known; ${keepInTensorFlow}`);
      if (!type.lower) throw new UnsupportedFeature(`this class has no native step; ${keepInTensorFlow}`);
      return type.lower(new LayerConfig(name, layer.className, layer.config, this.dialect));
    });
  }

  /** An operation of Keras 3 may have the name of a layer, but has none of a layer's attributes. */
  private typeOf({ className, config }: LeafLayer): LayerType | undefined {
    const isOperation =
      this.dialect === 'keras3' && config.trainable === undefined && config.dtype === undefined;
    return (isOperation ? findOperation(className) : undefined) ?? findLayerType(className);
  }

  private lowerModel(graph: ModelGraph, path: readonly string[], inputs: readonly Outputs[]): Outputs[] {
    const done = new Map<string, Outputs>();
    // As in TensorFlow.js, masks do not come into nested models or out of them.
    const masks = new Map<string, Mask>();
    for (const [i, ref] of graph.inputs.entries()) done.set(key(ref), inputs[i]);
    const lookUp = (ref: TensorRef): ValueId | undefined => {
      const outputs = done.get(key(ref));
      const value = outputs?.[ref.tensor];
      const { layer } = ref;
      const isDoor = (leaf: GraphLayer) => leaf.kind === 'layer' && leaf.className === 'InputLayer';
      if (isDoor(graph.layers.get(layer)!) && !graph.inputs.some((input) => input.layer === layer))
        throw malformed(`model "${graph.name}"`, 'every InputLayer that is read in input_layers', layer);
      if (outputs && value === undefined) {
        throw malformed(
          `layer "${ref.layer}"`,
          `references to its ${outputs.length} outputs`,
          `output ${ref.tensor}`,
        );
      }
      return value;
    };
    for (const { layer, call } of callOrder(graph)) {
      const values = layer.calls[call]!.map(lookUp);
      const isKnown = values.every((value) => value !== undefined);
      const made = { layer: layer.name, call };
      const given = layer.calls[call]!.map((ref) => masks.get(key(ref)));
      const args = layer.callArguments[call]!;
      const lowered = isKnown ? this.lowerCall(layer, path, values, args, given) : undefined;
      done.set(key(made), lowered?.outputs);
      if (lowered?.mask) masks.set(key(made), lowered.mask);
    }
    return graph.outputs.map((ref) => {
      const value = lookUp(ref);
      return value === undefined ? undefined : [value];
    });
  }

  private lowerCall(
    layer: GraphLayer,
    around: readonly string[],
    inputs: readonly ValueId[],
    args: CallArguments,
    masks: readonly (Mask | undefined)[],
  ): { outputs: Outputs; mask?: Mask } {
    const path = [...around, layer.kind === 'layer' ? layer.ownName : layer.name];
    if (masks.some((mask) => mask !== undefined)) this.maskWasRead = true;
    const name = path.slice(1).join('/');
    if (layer.kind === 'model') {
      const outputs = this.collect({ className: 'Functional' }, name, () => {
        refuseArguments(args);
        return this.lowerNested(layer.graph, path, inputs);
      });
      return { outputs };
    }
    const lower = this.lowerings.get(layer);
    if (!lower) return { outputs: undefined };
    let made = maskBehind(layer.className, masks);
    const mask = masks[0] ?? (this.maskWasRead && masks.every((one) => !one) ? staleMask : undefined);
    const readers = this.maskless;
    const type = this.typeOf(layer);
    const takesIntegers = type?.takesIntegers === true;
    const outputs = this.collect(layer, name, () => {
      if (!type?.readsArguments) refuseArguments(args);
      const values = takesIntegers ? inputs : inputs.map((input) => this.asFloats(name, input));
      return lower({
        name,
        plan: this.plan,
        inputs: values,
        op: asOperation(name, layer.className, values, this.context),
        arguments: args,
        get mask() {
          if (!mask) readers.push({ name, className: layer.className });
          return mask;
        },
        maskOutput: (own) => {
          made = own;
        },
        weight: (weight, shape) => readLayerWeight(this.weights, layer, path, weight, shape),
      });
    });
    return { outputs, ...(made && { mask: made }) };
  }

  /** Layers compute with float32, as TensorFlow.js's do when an integer meets a weight. */
  private asFloats(name: string, value: ValueId): ValueId {
    if (this.plan.value(value).dtype === 'float32') return value;
    const held = this.floats.get(value);
    if (held !== undefined) return held;
    const op = asOperation(name, 'Cast', [value], this.context);
    const id = op.portId(castTo(op, op.input(0), 'float32'));
    this.floats.set(value, id);
    return id;
  }

  private lowerNested(graph: ModelGraph, path: readonly string[], inputs: readonly ValueId[]): Outputs {
    if (inputs.length !== graph.inputs.length) {
      throw new SparseError(
        'ERR_SPARSE_MODEL',
        `compile: nested model "${path.slice(1).join('/')}" is called with ${inputs.length} inputs, expected ${graph.inputs.length}. Was the topology edited by hand?`,
        { layer: path.slice(1).join('/'), expected: graph.inputs.length, received: inputs.length },
      );
    }
    const outputs = this.lowerModel(
      graph,
      path,
      inputs.map((value) => [value]),
    );
    const values = outputs.flatMap((output) => output ?? []);
    return values.length === outputs.length ? values : undefined;
  }

  /** Runs `work`; what it finds unsupported is noted and gives `undefined`. */
  private collect<T>(layer: Pick<LeafLayer, 'className'>, name: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      const advice = adviceOf(error);
      // A shared layer may be met at every call.
      if (!this.unsupported.some((known) => known.name === name && known.advice === advice)) {
        this.unsupported.push({ name, className: layer.className, advice });
      }
      return undefined;
    }
  }
}

function adviceOf(error: unknown): string {
  if (error instanceof UnsupportedFeature) return error.advice;
  if (!(error instanceof BatchIsMixed)) throw error;
  return `it works along the batch, which stays open; ${keepInTensorFlow}`;
}

function key({ layer, call }: Pick<TensorRef, 'layer' | 'call'>): string {
  return `${call}:${layer}`;
}
