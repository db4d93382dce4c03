import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** They start processes, hold sockets and servers of others, or measure this process: each file gets a worker of its own. */
const isolated = ['attacks', 'process', 'server', 'shared', 'telemetry'].map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  resolve: {
    // Two copies of graphql (its CommonJS and its ESM build) would refuse each other's schemas.
    alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql/index.js')) }],
  },
  test: {
    // Most of a test is waiting: two files at a time fit on two cores. Three fail for time.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is polled for comes at once, but not on a machine that has something else to do: the default is 1 s.
    expect: { poll: { timeout: 10_000 } },
    setupFiles: ['test/support/setup.ts'],
    projects: [
      { extends: true, test: { name: 'isolated', include: isolated } },
      {
        extends: true,
        test: {
          name: 'reused',
          include: ['test/**/*.test.ts'],
          exclude: isolated,
          // A third of the processor time: modules are loaded, and compiled, once a worker.
          isolate: false,
        },
      },
    ],
  },
});
