import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 180_000,
    // The tests wait for the embedded services as much as they compute.
    maxWorkers: 2,
  },
});
