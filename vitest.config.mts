import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Polls end as soon as they hold; a second is too little beside a browser and detectors.
    expect: { poll: { timeout: 30_000 } },
    // Two cores: detector processes and browsers compete with the workers otherwise.
    maxWorkers: 2,
    reporters: ['default', './test/support/closing-line-reporter.ts'],
  },
});
