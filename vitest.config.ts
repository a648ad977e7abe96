import { defineConfig } from 'vitest/config'

/** No test may reach for a hub, or find what somebody once downloaded. */
const env = { HF_HUB_OFFLINE: '1', EVALSCOPE_CACHE: '/nonexistent' }

/** Properties are tried with the same cases each time. */
const setupFiles = ['test/fuzz/seed.ts']

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          env,
          setupFiles,
          include: ['test/**/*.test.ts'],
          exclude: ['test/{timing,bench,interop,local,browser,resampled}/**'],
          testTimeout: 40_000,
          // Many tell events of some ms apart, beside others that compute: a try that they spoil is made again, and shown.
          retry: 1,
          // Files share a process and what they import, which halves what that costs: none may leave anything behind.
          isolate: false,
          maxWorkers: 2,
        },
      },
      {
        // Compared with the sender's stamps: nothing else may run meanwhile. What other tenants of the machine take from one
        // try they hardly take from three; what we lost, we lose in each.
        test: {
          name: 'timing',
          env,
          retry: 2,
          include: ['test/timing/**/*.test.ts'],
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      // Minutes of statistics; the runs that they are about must have the machine to themselves.
      {
        test: {
          name: 'stats',
          env,
          setupFiles,
          include: ['test/resampled/*.test.ts'],
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
      // These need packages of their own: see the scripts of package.json.
      { test: { name: 'interop', env, setupFiles, include: ['test/interop/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'browser', env, include: ['test/browser/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'local', env, include: ['test/local/*.test.ts'], testTimeout: 60_000, maxWorkers: 2 } },
    ],
  },
})
