/** The functions that steps apply to elements, by name. */

/** Of numbers; `div`, `pow` and `atan2` of floats only, `and` and `or` of bools. */
export type BinaryFunction = (typeof binaryFunctions)[number];
export const binaryFunctions = [
  'add',
  'sub',
  'mul',
  'div',
  'max',
  'min',
  'floorDiv',
  'floorMod',
  'pow',
  'atan2',
  'squaredDifference',
  'equal',
  'notEqual',
  'less',
  'lessEqual',
  'greater',
  'greaterEqual',
  'and',
  'or',
] as const;

/** Those that maps have too. */
export const mapBinaryFunctions: readonly BinaryFunction[] = ['add', 'sub', 'mul', 'div', 'max', 'min'];

/** Those that give a bool. */
export const comparisons: readonly BinaryFunction[] = [
  'equal',
  'notEqual',
  'less',
  'lessEqual',
  'greater',
  'greaterEqual',
];

export type UnaryFunction = (typeof unaryFunctions)[number];
export const unaryFunctions = [
  'abs',
  'neg',
  'square',
  'sign',
  'not',
  'sqrt',
  'rsqrt',
  'reciprocal',
  'exp',
  'expm1',
  'log',
  'log1p',
  'floor',
  'ceil',
  'round',
  'sin',
  'cos',
  'tan',
  'asin',
  'acos',
  'atan',
  'sinh',
  'cosh',
  'erf',
] as const;

/** Unary functions of integers and bools. */
export const integerUnaryFunctions: readonly UnaryFunction[] = ['abs', 'neg', 'square', 'sign', 'not'];

export type ReduceFunction = (typeof reduceFunctions)[number];
export const reduceFunctions = [
  'sum',
  'mean',
  'prod',
  'max',
  'min',
  'any',
  'all',
  'argMax',
  'argMin',
] as const;
