import { compile, nativeInfo } from '../../lib/index.ts';
import type { Values } from '../../lib/session/ports.ts';
import type { WholeModelCase } from '../cases/whole-model-case.ts';
import { costsOf } from '../conformance/costs.ts';
import type { Engine } from '../runner/engine.ts';
import { joinOutputs } from './whole-model-outputs.ts';

/** A saved model as a session, with all inputs and outputs. */
export const wholeModelSession: Engine<WholeModelCase> = {
  name: 'session of a saved model',
  async prepare({ path, sets, compile: options }) {
    const session = await compile(path, options);
    const { inputs, outputs } = session;
    const byName = (set: readonly Values[]) =>
      Object.fromEntries(inputs.map(({ name }, i) => [name, set[i]!]));
    const first = byName(sets[0]!);
    const run = () => session.run(first);
    const outputsOf = (set: readonly Values[]) => {
      const results = session.run(byName(set));
      return outputs.map(({ name }) => results[name]!);
    };
    return {
      run,
      outputs: () => joinOutputs(sets.map(outputsOf)),
      facts: () => ({ isa: nativeInfo().isa, costs: costsOf(session.profile(1, 5).steps) }),
      dispose: () => session.dispose(),
    };
  },
};
