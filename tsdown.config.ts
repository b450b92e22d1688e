import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: ['lib/index.ts', 'lib/pruning.ts', 'lib/tfjs.ts', 'lib/server.ts'],
  format: ['esm', 'cjs'],
  platform: 'node',
  target: 'node20',
  dts: true,
  shims: true,
  sourcemap: true,
  // Peers stay the user's own copies; only types and lazily imported values come from them.
  deps: { neverBundle: [/^@tensorflow\//, 'fastify'] },
});
