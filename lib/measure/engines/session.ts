import { compile } from '../../session/compile.ts';
import type { Values } from '../../session/ports.ts';
import type { LoadEngine } from '../engine.ts';

function sessionEngine(sparse: 'auto' | 'never'): LoadEngine {
  return async ({ source, batch, threads }) => {
    const session = await compile(source, { sparse, batch, threads });
    const { inputs, outputs } = session;
    return {
      call(values, shapes) {
        if (inputs.length === 1 && outputs.length === 1) {
          const x = values[0]!;
          return () => [session.run(x)];
        }
        const named: Record<string, Values> = {};
        const namedShapes: Record<string, readonly number[]> = {};
        for (const [i, { name }] of inputs.entries()) {
          named[name] = values[i]!;
          namedShapes[name] = shapes[i]!;
        }
        return () => {
          const results = session.run(named, { shapes: namedShapes });
          return outputs.map(({ name }) => results[name]!);
        };
      },
      dispose: () => session.dispose(),
    };
  };
}

/** A session as users get it: the fastest path per layer. */
export const session = sessionEngine('auto');
/** The same session without its sparse kernels: what the zeros are worth. */
export const sessionDense = sessionEngine('never');
