import type { DataType, serialization, Tensor } from '@tensorflow/tfjs-core';
import { SparseError } from '../errors.ts';
import type { Compat, Structure } from '../sparse/structure.ts';
import { askSchedule } from './ask-schedule.ts';
import { Coordinator, notStarted, updateMasks } from './coordinator.ts';
import { layerFromSaved } from './layer-copies.ts';
import { withMaskedReads } from './movement/masked-reads.ts';
import { MovementScores } from './movement/scores.ts';
import { tfc, tfl } from './peers.ts';
import { localName, prunableWeightsOf } from './prunable-weights.ts';
import { PrunedWeight } from './pruned-weight.ts';
import { movementOf, type PruningRule, ruleAsText, ruleFromText } from './pruning-rule.ts';
import type { PruningSchedule } from './schedules.ts';
import { type CallArgs, type Layer, type LayerVariable, rename, variableOf } from './tf-types.ts';

type Shape = (number | null)[];
type Tensors = Tensor | Tensor[];

/** What a wrapper is made of. */
export interface WrapperArgs {
  /** The layer inside. */ layer: Layer;
  /** How its weights are pruned. */ rule: PruningRule;
  /** Name of the wrapper; default: the inner layer's behind `pruned_`. */ name?: string;
  /** Of the first layer of a model. */ batchInputShape?: Shape;
}

const classNames = ['PruningWrapper', 'PruneLowMagnitude'];

/**
 * A layer that prunes the layer it holds while the model trains. Its own weights, none trainable: a mask and a
 * threshold for each prunable weight, and the training step.
 */
export class PruningWrapper extends tfl.layers.Layer {
  static get className(): string {
    return 'PruningWrapper';
  }

  /** By name: the ESM and the CommonJS build of this package may meet in one process, each with a class of its own. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    const layer = value as Partial<Layer> | null | undefined;
    return typeof layer?.getClassName === 'function' && classNames.includes(layer.getClassName());
  }

  /** The layer inside, whose weights are pruned. */
  readonly layer: Layer;
  /** @internal How its weights are pruned. */
  readonly rule: PruningRule;
  /** @internal The weights being pruned; empty until built, and for a layer that has none. */
  readonly pruned: PrunedWeight[] = [];
  /** @internal The variable of `pruningStep`. */
  stepVariable: LayerVariable | undefined;
  #coordinator: Coordinator | undefined;

  /** @internal Wrappers come from `prune` and its like, and from loading a model. */
  constructor({ layer, rule, name, batchInputShape = layer.batchInputShape }: WrapperArgs) {
    super({
      name: name ?? `pruned_${layer.name}`,
      dtype: layer.dtype,
      ...(batchInputShape && { batchInputShape }),
    });
    this.layer = layer;
    this.rule = rule;
    this.supportsMasking = layer.supportsMasking;
  }

  /** How sparse, and when masks are recomputed. */
  get schedule(): PruningSchedule {
    return this.rule.schedule;
  }

  /** Pattern of the masks. */
  get structure(): Structure {
    return this.rule.structure;
  }

  /** Whose rules are followed. */
  get compat(): Compat {
    return this.rule.compat;
  }

  /** @internal TF.js calls it. */
  override build(inputShape: Shape | Shape[]): void {
    const { layer } = this;
    if (!layer.built) {
      layer.build(inputShape);
      layer.built = true;
    }
    // Counted like a use in a model, so that whoever goes last disposes the weights.
    const counted = layer as unknown as { _refCount: number | null };
    counted._refCount = (counted._refCount ?? 0) + 1;
    // Weights made here carry the wrapper's name in front, weights made before do not; the loader compares names.
    for (const weight of layer.weights) {
      const prefix = `${this.name}/`;
      const name = weight.originalName;
      if (name.startsWith(prefix)) rename(weight, `${layer.name}/${name.slice(prefix.length)}`);
    }
    const { structure, compat } = this;
    const rule = { layer: layer.name, structure, compat };
    const movement = movementOf(this.rule);
    const { ones, zeros } = tfl.initializers;
    this.#chosenWeights().forEach((weight, i) => {
      const name = localName(layer, weight);
      const shape = weight.shape as number[];
      // The layer's first mask is called `mask`, as in TFMOT. No name may end in a number: TF.js numbers equal names of
      // other models itself, and would collide.
      const front = i === 0 ? '' : `${name.replaceAll('/', '_')}_`;
      const add = (own: string, ownShape: Shape, dtype: DataType, initializer: ReturnType<typeof ones>) =>
        this.addWeight(`${front}${own}`, ownShape, dtype, initializer, undefined, false);
      const mask = add('mask', shape, 'bool', ones());
      const threshold = add('threshold', [], 'float32', zeros());
      const scores = movement && new MovementScores(add('scores', shape, 'float32', zeros()), movement);
      this.pruned.push(new PrunedWeight(name, { weight, mask, threshold, scores }, rule));
    });
    // TF.js's constant initializer gives float32, whose cast to int32 it would never dispose.
    this.stepVariable = this.addWeight('pruning_step', [], 'int32', zeros(), undefined, false);
    this.pruningStep = notStarted;
    this.inputSpec = layer.inputSpec;
    super.build(inputShape);
  }

  #chosenWeights(): LayerVariable[] {
    const { layer } = this;
    const { weights, biases } = this.rule;
    if (!weights) return prunableWeightsOf(layer, biases);
    return layer.weights.filter((weight) => weights.includes(localName(layer, weight)));
  }

  /** Training steps seen: -1 before training, then 0; the first batch is step 1. */
  get pruningStep(): number {
    return this.stepVariable ? (variableOf(this.stepVariable).dataSync()[0] as number) : notStarted;
  }

  set pruningStep(step: number) {
    const value = tfc.scalar(step, 'int32');
    this.stepVariable?.write(value);
    value.dispose();
  }

  /** Zeroes what the masks prune. */
  applyMasks(): void {
    for (const weight of this.pruned) weight.apply();
  }

  /** @internal Who counts and updates masks for the wrappers of a model together; `undefined` with compat 'tfmot'. */
  get coordinator(): Coordinator | undefined {
    return this.#coordinator;
  }

  /** @internal */
  set coordinator(coordinator: Coordinator | undefined) {
    this.#coordinator = coordinator;
  }

  /** Counts the call as TFMOT does, and recomputes this layer's masks where the schedule says so. */
  #beginTfmotPass(): void {
    const step = this.pruningStep + 1;
    if (step < 1) {
      throw new SparseError(
        'ERR_SPARSE_SCHEDULE',
        `pruning: layer "${this.layer.name}" trains, but its step was never started. Give fit the callback ` +
          "updatePruningStep(), or leave out compat: 'tfmot'.",
        { layer: this.layer.name, expected: 'step >= 1', received: step },
      );
    }
    this.pruningStep = step;
    if (this.pruned.length === 0) return;
    const { prune, sparsity } = askSchedule(this.schedule, step);
    // TFMOT computes an N:M mask once, at the first step, whatever the schedule says.
    const due = this.structure.type === 'nm' ? step === 1 : prune;
    if (due) updateMasks(this.pruned, this.rule, sparsity);
  }

  /** @internal TF.js calls it. */
  override call(inputs: Tensors, kwargs: CallArgs): Tensors {
    return tfc.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const training = kwargs.training === true;
      if (this.compat === 'tfmot') {
        if (training) this.#beginTfmotPass();
        // TFMOT masks at every call, inference too; an exact weight is masked by whoever assigns it.
        this.applyMasks();
      } else if (training) {
        // A loaded model's wrappers work alone until something shows them their model.
        this.#coordinator ??= new Coordinator([this], false);
        this.#coordinator.beginPass(this);
      }
      return withMaskedReads(this.pruned, () => this.layer.call(inputs, kwargs));
    });
  }

  /** @internal TF.js calls it. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return this.layer.computeOutputShape(inputShape) as Shape | Shape[];
  }

  /** @internal TF.js calls it. */
  override computeMask(inputs: Tensors, mask?: Tensors): Tensors {
    return this.layer.computeMask(inputs, mask);
  }

  override get trainable(): boolean {
    return this.layer?.trainable ?? true;
  }
  override set trainable(trainable: boolean) {
    if (this.layer) this.layer.trainable = trainable;
  }

  override get trainableWeights(): LayerVariable[] {
    return this.layer.trainableWeights;
  }

  override get nonTrainableWeights(): LayerVariable[] {
    return [...this.layer.nonTrainableWeights, ...super.nonTrainableWeights];
  }

  /** The inner layer's weights only, as TFMOT's wrapper gives them. */
  override getWeights(trainableOnly = false): Tensor[] {
    return this.layer.getWeights(trainableOnly);
  }

  override setWeights(weights: Tensor[]): void {
    this.layer.setWeights(weights);
  }

  /** @internal The inner layer's weights belong to it: another model may hold them too. */
  override disposeWeights(): number {
    const own = super.nonTrainableWeights;
    for (const weight of own) weight.dispose();
    for (const weight of this.pruned) weight.dispose();
    return own.length + this.layer.dispose().numDisposedVariables;
  }

  override get losses(): Layer['losses'] {
    return this.layer.losses;
  }

  override get stateful(): boolean {
    return this.layer?.stateful ?? false;
  }

  override resetStates(): void {
    this.layer.resetStates();
  }

  /** Only the inner layer's: a loader that leaves a mask out must not leave it all zero. */
  override setFastWeightInitDuringBuild(value: boolean): void {
    this.layer.setFastWeightInitDuringBuild(value);
  }

  override getConfig(): serialization.ConfigDict {
    const config = {
      ...super.getConfig(),
      layer: { className: this.layer.getClassName(), config: this.layer.getConfig() },
      // TF.js rewrites every key and every string on the way into a file and back, but what is called `name`.
      rule: { name: ruleAsText(this.rule) },
    };
    return config as unknown as serialization.ConfigDict;
  }

  static override fromConfig<T extends serialization.Serializable>(
    cls: serialization.SerializableConstructor<T>,
    config: serialization.ConfigDict,
  ): T {
    const { layer, rule, ...rest } = config as unknown as Omit<WrapperArgs, 'layer' | 'rule'> & {
      layer: { className: string; config: serialization.ConfigDict };
      rule: { name: string };
    };
    return new cls({ ...rest, layer: layerFromSaved(layer), rule: ruleFromText(rule.name) } as never);
  }
}
tfc.serialization.registerClass(PruningWrapper);
