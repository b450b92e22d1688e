/** Sizes and functions of an LSTM layer that returns its last output. */
export interface LstmShape {
  batch: number;
  steps: number;
  features: number;
  units: number;
  activation: (v: number) => number;
  recurrentActivation: (v: number) => number;
}

/**
 * An LSTM in plain float64 loops, as TensorFlow.js has it: gates in, forget, cell, out.
 *
 * @param weights - kernel [features, 4 units], recurrent kernel [units, 4 units], bias [4 units]
 * @param x - [batch, steps, features]
 * @returns [batch, units]
 */
export function lstmFloat64(
  [kernel, recurrent, bias]: readonly [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>],
  x: ArrayLike<number>,
  { batch, steps, features, units, activation, recurrentActivation: gate }: LstmShape,
): Float64Array {
  const out = new Float64Array(batch * units);
  const columns = 4 * units;
  for (let row = 0; row < batch; row++) {
    const cell = new Float64Array(units);
    let h = new Float64Array(units);
    for (let step = 0; step < steps; step++) {
      const first = (row * steps + step) * features;
      const sums = Float64Array.from({ length: columns }, (_, j) => {
        let sum = bias[j]!;
        for (let i = 0; i < features; i++) sum += x[first + i]! * kernel[i * columns + j]!;
        for (let i = 0; i < units; i++) sum += h[i]! * recurrent[i * columns + j]!;
        return sum;
      });
      h = h.map((_, u) => {
        const [input, forget, candidate, output] = [0, 1, 2, 3].map((g) => sums[g * units + u]!);
        cell[u] = gate(forget!) * cell[u]! + gate(input!) * activation(candidate!);
        return gate(output!) * activation(cell[u]!);
      });
    }
    out.set(h, row * units);
  }
  return out;
}
