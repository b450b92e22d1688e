import type { Plan, PlanActivation, PlanStep, PlanValue, Window } from '../../lib/plan/plan.ts';

/**
 * Runs a plan in plain float64 loops: slow, and short enough to be checked by eye. Other ways to run a plan are
 * compared with it.
 *
 * @param inputs - by port name, row-major [batch, ...shape] as TF.js has it
 * @returns outputs by port name, row-major [batch, ...shape]
 */
export function runReference(
  plan: Plan,
  inputs: Readonly<Record<string, ArrayLike<number>>>,
  batch: number,
): Record<string, Float64Array> {
  const values = new Map<number, Float64Array>();
  for (const { name, value } of plan.inputs) {
    values.set(value, toMemory(inputs[name]!, plan.values[value]!, batch));
  }
  for (const step of plan.steps) {
    const x = new Grid(values.get(step.inputs[0]!)!, plan.values[step.inputs[0]!]!, batch);
    const y = new Grid(
      new Float64Array(x.sizeFor(plan.values[step.output]!)),
      plan.values[step.output]!,
      batch,
    );
    runStep(plan, step, x, y);
    values.set(step.output, y.data);
  }
  return Object.fromEntries(
    plan.outputs.map(({ name, value }) => [name, fromMemory(values.get(value)!, plan.values[value]!, batch)]),
  );
}

/** A value in the plan's memory order: [channel][row][column][batch]. */
class Grid {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: Float64Array;
  readonly value: PlanValue;
  readonly batch: number;

  constructor(data: Float64Array, value: PlanValue, batch: number) {
    this.data = data;
    this.value = value;
    this.batch = batch;
    this.channels = value.channels;
    this.height = value.height;
    this.width = value.width;
  }
  sizeFor(value: PlanValue): number {
    return value.channels * value.height * value.width * this.batch;
  }
  index(c: number, h: number, w: number, b: number): number {
    return ((c * this.height + h) * this.width + w) * this.batch + b;
  }
  /** Zero outside the map. */
  get(c: number, h: number, w: number, b: number): number {
    return this.has(h, w) ? this.data[this.index(c, h, w, b)]! : 0;
  }
  has(h: number, w: number): boolean {
    return h >= 0 && h < this.height && w >= 0 && w < this.width;
  }
  /** Calls back for every element. */
  each(visit: (c: number, h: number, w: number, b: number, i: number) => void): void {
    for (let c = 0; c < this.channels; c++)
      for (let h = 0; h < this.height; h++)
        for (let w = 0; w < this.width; w++)
          for (let b = 0; b < this.batch; b++) visit(c, h, w, b, this.index(c, h, w, b));
  }
}

function runStep(plan: Plan, step: PlanStep, x: Grid, y: Grid): void {
  const tensor = (name: string | undefined) => (name === undefined ? undefined : plan.tensors[name]!.data);
  switch (step.op) {
    case 'alias':
      y.data.set(x.data);
      return;
    case 'activation':
      for (let i = 0; i < x.data.length; i++) y.data[i] = activate(x.data[i]!, step.activation);
      return;
    case 'softmax':
      softmax(x, y);
      return;
    case 'affine': {
      const scale = tensor(step.scale)!;
      const shift = tensor(step.shift)!;
      const perFeature = scale.length !== x.channels;
      x.each((c, h, w, _, i) => {
        const entry = perFeature ? (c * x.height + h) * x.width + w : c;
        y.data[i] = activate(x.data[i]! * scale[entry]! + shift[entry]!, step.activation);
      });
      return;
    }
    case 'pool':
      y.each((c, h, w, b, i) => {
        const seen: number[] = [];
        taps(step.window, h, w, (row, column) => {
          if (x.has(row, column)) seen.push(x.get(c, row, column, b));
        });
        y.data[i] = step.mode === 'max' ? Math.max(...seen) : seen.reduce((a, v) => a + v, 0) / seen.length;
      });
      return;
    case 'matmul': {
      const weight = tensor(step.weight)!;
      const bias = tensor(step.bias);
      const whole = step.k !== x.channels;
      y.each((n, h, w, b, i) => {
        let sum = bias?.[n] ?? 0;
        for (let k = 0; k < step.k; k++) {
          const at = whole ? k * x.batch + b : x.index(k, h, w, b);
          sum += x.data[at]! * weight[n * step.k + k]!;
        }
        y.data[i] = activate(sum, step.activation);
      });
      return;
    }
    case 'conv2d': {
      const weight = tensor(step.weight)!;
      const bias = tensor(step.bias);
      y.each((n, h, w, b, i) => {
        let sum = bias?.[n] ?? 0;
        let k = n * step.k;
        taps(step.window, h, w, (row, column) => {
          for (let c = 0; c < x.channels; c++) sum += x.get(c, row, column, b) * weight[k++]!;
        });
        y.data[i] = activate(sum, step.activation);
      });
      return;
    }
    case 'depthwise': {
      const weight = tensor(step.weight)!;
      const bias = tensor(step.bias);
      const count = step.window.kernel[0] * step.window.kernel[1];
      y.each((n, h, w, b, i) => {
        let sum = bias?.[n] ?? 0;
        let k = n * count;
        const c = Math.floor(n / step.multiplier);
        taps(step.window, h, w, (row, column) => {
          sum += x.get(c, row, column, b) * weight[k++]!;
        });
        y.data[i] = activate(sum, step.activation);
      });
      return;
    }
  }
}

/** Rows and columns of the input under a window, in the order of the weights. */
function taps(window: Window, h: number, w: number, visit: (row: number, column: number) => void): void {
  for (let i = 0; i < window.kernel[0]; i++) {
    for (let j = 0; j < window.kernel[1]; j++) {
      visit(
        h * window.strides[0] + i * window.dilations[0] - window.padding[0],
        w * window.strides[1] + j * window.dilations[1] - window.padding[2],
      );
    }
  }
}

function softmax(x: Grid, y: Grid): void {
  const whole = x.value.shape.length === 1;
  // Elements that share a sum: all of one sample, or the channels at one position.
  const groups = new Map<number, number[]>();
  x.each((_, h, w, b, i) => {
    const key = whole ? b : (h * x.width + w) * x.batch + b;
    groups.set(key, [...(groups.get(key) ?? []), i]);
  });
  for (const group of groups.values()) {
    const top = Math.max(...group.map((i) => x.data[i]!));
    const sum = group.reduce((total, i) => total + Math.exp(x.data[i]! - top), 0);
    for (const i of group) y.data[i] = Math.exp(x.data[i]! - top) / sum;
  }
}

/** An activation in float64. */
export function activate(x: number, activation: PlanActivation): number {
  switch (activation.type) {
    case 'linear':
      return x;
    case 'relu':
      return Math.max(x, 0);
    case 'relu6':
      return Math.min(Math.max(x, 0), 6);
    case 'sigmoid':
      return 1 / (1 + Math.exp(-x));
    case 'tanh':
      return Math.tanh(x);
    case 'elu':
      return x > 0 ? x : Math.expm1(x);
    case 'selu':
      return 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x));
    case 'gelu':
      return 0.5 * x * (1 + erf(x / Math.SQRT2));
    case 'swish':
      return x / (1 + Math.exp(-x));
    case 'softplus':
      return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    case 'hardSigmoid':
      return Math.min(Math.max(0.2 * x + 0.5, 0), 1);
    case 'softsign':
      return x / (1 + Math.abs(x));
    case 'mish':
      return x * Math.tanh(Math.log1p(Math.exp(x)));
    case 'geluTanh':
      return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
    case 'hardSigmoid6':
      return Math.min(1, Math.max(0, x / 6 + 0.5));
    case 'hardSwish':
      return activation.alpha * x * Math.min(6, Math.max(0, x + 3));
    case 'thresholdedRelu':
      return x > activation.alpha ? x : 0;
    case 'leakyRelu':
      return x > 0 ? x : activation.alpha * x;
    case 'clamp':
      return Math.min(Math.max(x, activation.min ?? -Infinity), activation.max ?? Infinity);
  }
}

/** By Simpson's rule; good to 1e-10. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  const intervals = 1000;
  const h = x / intervals;
  let sum = 0;
  for (let i = 0; i <= intervals; i++) {
    const factor = i === 0 || i === intervals ? 1 : i % 2 === 1 ? 4 : 2;
    sum += factor * Math.exp(-((i * h) ** 2));
  }
  return (2 / Math.sqrt(Math.PI)) * ((h / 3) * sum);
}

/** Row-major [batch][row][column][channel] -> memory. */
function toMemory(values: ArrayLike<number>, value: PlanValue, batch: number): Float64Array {
  const { channels, height, width } = value;
  const memory = new Float64Array(channels * height * width * batch);
  if (values.length !== memory.length)
    throw new RangeError(`${value.name}: ${values.length} of ${memory.length}`);
  new Grid(memory, value, batch).each((c, h, w, b, i) => {
    memory[i] = values[((b * height + h) * width + w) * channels + c]!;
  });
  return memory;
}

function fromMemory(memory: Float64Array, value: PlanValue, batch: number): Float64Array {
  const { channels, height, width } = value;
  const values = new Float64Array(memory.length);
  new Grid(memory, value, batch).each((c, h, w, b, i) => {
    values[((b * height + h) * width + w) * channels + c] = memory[i]!;
  });
  return values;
}
