import { compile, nativeInfo } from '../../lib/index.ts';
import { artifactsOf, inputOf } from '../cases/artifacts.ts';
import type { ModelCase } from '../cases/model-case.ts';
import type { Engine } from '../runner/engine.ts';

function sessionEngine(name: string, sparse: 'auto' | 'never'): Engine<ModelCase> {
  return {
    name,
    async prepare(work) {
      const artifacts = await artifactsOf(work.model);
      const source = work.model.type === 'file' ? work.model.path : artifacts;
      const session = await compile(source, { sparse, batch: [work.batch] });
      const x = await inputOf(work, artifacts.inputShape);
      const { steps } = session.describe();
      return {
        run: () => session.run(x) as Float32Array,
        facts: () => ({ isa: nativeInfo().isa, kernels: steps.map((step) => step.kernel).join(' ') }),
        dispose: () => session.dispose(),
      };
    },
  };
}

/** A session with its sparse kernels switched off. */
export const sessionDense = sessionEngine('session dense', 'never');
/** A session as users get it: the fastest path per layer. */
export const sessionSparse = sessionEngine('session sparse', 'auto');
