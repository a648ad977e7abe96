import { defineConfig } from 'vitest/config'

/** No test may reach for a hub, or find what somebody once downloaded. */
const env = { HF_HUB_OFFLINE: '1', EVALSCOPE_CACHE: '/nonexistent' }

/** Functions of what they are given: their files leave nothing behind, and so share what they import. */
const pure = 'test/{apis,arguments,plan,report,stats}/**'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          env,
          include: ['test/**/*.test.ts'],
          exclude: ['test/{timing,bench,interop,local,browser,resampled}/**', pure],
          testTimeout: 20_000,
          // Half of the time goes by waiting for servers: a worker more than vitest's default on two cores.
          maxWorkers: 2,
        },
      },
      {
        test: { name: 'pure', env, include: [`${pure}/*.test.ts`], testTimeout: 20_000, isolate: false, maxWorkers: 2 },
      },
      {
        // Compared with the sender's stamps: nothing else may run meanwhile.
        test: {
          name: 'timing',
          env,
          include: ['test/timing/**/*.test.ts'],
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      // Minutes of statistics; the runs that they are about must have the machine to themselves.
      { test: { name: 'stats', env, include: ['test/resampled/*.test.ts'], fileParallelism: false, maxWorkers: 1 } },
      // These need packages of their own: see the scripts of package.json.
      { test: { name: 'interop', env, include: ['test/interop/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'browser', env, include: ['test/browser/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'local', env, include: ['test/local/*.test.ts'], testTimeout: 60_000, maxWorkers: 2 } },
    ],
  },
})
