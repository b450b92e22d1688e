// Why small weights can go: f(x) = x + 5x² is hardly another function without its first coefficient.
// npx tsx examples/coefficients.ts
import { coefficientEffects } from '../lib/pruning.ts'; // in a project of your own: 'tfjs-sparse/pruning'

const x = Array.from({ length: 21 }, (_, i) => i - 10);
const effects = coefficientEffects(
  x,
  [1, 5],
  [
    [1, 5],
    [2, 5],
    [0, 5],
    [1, 4],
    [1, 0],
  ],
);

console.log('f(x) = a·x + b·x² on -10 ... 10, compared with a = 1, b = 5');
console.table(
  effects.map(({ coefficients: [a, b], maxAbsChange, relativeL2Change }) => ({
    a,
    b,
    'largest change': maxAbsChange,
    'relative change (L2)': `${(100 * relativeL2Change).toFixed(2)} %`,
  })),
);
