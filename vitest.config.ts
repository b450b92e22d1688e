import { defineConfig } from 'vitest/config';

/**
 * Folders of test/lib whose files run in one process after the other, as loading the modules takes longer than most of
 * them. Others change what is global: pruning registers layer classes, tests of the server and the scripts set variables.
 */
const together = ['compile', 'io', 'layers', 'measure', 'native', 'plan', 'session', 'sparse'].map(
  (folder) => `test/lib/${folder}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    // Two worker threads that load tfjs-node at once crash now and then; processes do not.
    pool: 'forks',
    // Vitest would leave one core idle: half of the machine, where there are two.
    maxWorkers: '100%',
    setupFiles: ['test/helpers/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'apart', include: ['test/**/*.test.ts'], exclude: together } },
      { extends: true, test: { name: 'together', include: together, isolate: false } },
    ],
  },
});
