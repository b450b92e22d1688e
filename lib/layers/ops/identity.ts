import type { OpType } from './op-type.ts';

/** What hands its input on. */
export const identity: OpType = {
  ops: [
    'Identity',
    'IdentityN',
    'StopGradient',
    'Snapshot',
    'PreventGradient',
    'CheckNumerics',
    'EnsureShape',
  ],
  lower: (call) => (call.op === 'IdentityN' ? [...call.inputs] : [call.input(0)]),
};

/** What does nothing. */
export const noOp: OpType = { ops: ['NoOp'], lower: () => [] };
