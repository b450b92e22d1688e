import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Two worker threads that load tfjs-node at once crash now and then; processes do not.
    pool: 'forks',
    // Vitest would leave one core idle: half of the machine, where there are two.
    maxWorkers: '100%',
    setupFiles: ['test/helpers/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
