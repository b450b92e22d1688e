import { describe, expect, it } from 'vitest';
import { runScript, urlOf } from '../../helpers/child.ts';

/** Ways to leave a session, with what must come back. */
const ways: Record<string, string> = {
  dropped: '',
  disposed: 'session.dispose();',
  'dropped while it ran': 'void session.runAsync(x);',
  'disposed while it ran': 'const y = session.runAsync(x); session.dispose(); await y;',
  'disposed after many runs':
    'for (let i = 0; i < 20; i++) { session.run(x); await session.runAsync(x); } session.dispose();',
};

describe('memory', () => {
  it('of a session comes back, however it was left', { timeout: 240_000 }, () => {
    // 20 sessions with weights of 4 MB each way: if they stayed, the process would grow by more than 80 MB.
    const uses = Object.entries(ways).map(
      ([way, leave]) => `${JSON.stringify(way)}: async () => {
        const session = new SparseSession(plan, options);
        session.run(x);
        ${leave}
      }`,
    );
    const script = `
      import { PlanBuilder } from ${JSON.stringify(urlOf('lib/plan/builder.ts'))};
      import { emitDense } from ${JSON.stringify(urlOf('lib/plan/emit/dense.ts'))};
      import { SparseSession } from ${JSON.stringify(urlOf('lib/session/session.ts'))};
      const kernel = new Float32Array(1024 * 1024).fill(0.5);
      const builder = new PlanBuilder();
      builder.output('y', emitDense(builder, 'dense', builder.input('x', [1024]), { kernel, outputs: 1024 }));
      const plan = builder.finish();
      const x = new Float32Array(1024);
      const options = { sparse: 'never', threads: 1, batch: [1], storage: 'float32', tune: false };
      const uses = { ${uses.join(',')} };
      const rss = async () => {
        // Finalizers run between turns.
        for (let i = 0; i < 3; i++) {
          globalThis.gc();
          await new Promise((resolve) => setImmediate(resolve));
        }
        return process.memoryUsage().rss / 1e6;
      };
      const grown = {};
      for (const [way, use] of Object.entries(uses)) {
        for (let i = 0; i < 4; i++) await use();
        const before = await rss();
        for (let i = 0; i < 20; i++) {
          await use();
          if (i % 10 === 0) await rss();
        }
        grown[way] = await rss() - before;
      }
      console.log(JSON.stringify(grown));`;
    const { status, output, stderr } = runScript(script, {});
    expect(status, stderr).toBe(0);
    for (const way of Object.keys(ways))
      expect((output as Record<string, number>)[way], way).toBeLessThan(40);
  });
});
