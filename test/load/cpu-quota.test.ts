import { describe, expect, test } from 'vitest'
import { cpuQuotaCores, maySpin } from '../../src/load/cpu-quota.ts'

type Files = Readonly<Record<string, string>>

const reader =
  (files: Files) =>
  (path: string): string | undefined =>
    files[path]

const v2 = (path: string, files: Files): Files => ({ '/proc/self/cgroup': `0::${path}\n`, ...files })

const v1 = (controllers: string, path: string, files: Files): Files => ({
  '/proc/self/cgroup': `4:memory:/far/away\n3:${controllers}:${path}\n1:name=systemd:/\n0::/\n`,
  ...files,
})

describe('the quota, in cores', () => {
  test.each<[string, Files, number | undefined]>([
    ['version 2, none', v2('/', { '/sys/fs/cgroup/cpu.max': 'max 100000\n' }), undefined],
    ['version 2, of a container', v2('/', { '/sys/fs/cgroup/cpu.max': '50000 100000\n' }), 0.5],
    ['version 2, of its own group', v2('/a/b', { '/sys/fs/cgroup/a/b/cpu.max': '200000 100000\n' }), 2],
    [
      'version 2, the least of the groups above',
      v2('/a/b', {
        '/sys/fs/cgroup/a/b/cpu.max': 'max 100000\n',
        '/sys/fs/cgroup/a/cpu.max': '150000 100000\n',
        '/sys/fs/cgroup/cpu.max': '400000 100000\n',
      }),
      1.5,
    ],
    ['version 2, a path of the host', v2('/docker/1f', { '/sys/fs/cgroup/cpu.max': '100000 100000\n' }), 1],
    ['version 2, the older form without a period', v2('/', { '/sys/fs/cgroup/cpu.max': 'max\n' }), undefined],
    [
      'version 1, none',
      v1('cpu', '/', { '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n', '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '9\n' }),
      undefined,
    ],
    [
      'version 1, with its controllers in the name',
      v1('cpu,cpuacct', '/job', {
        '/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us': '25000\n',
        '/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us': '100000\n',
      }),
      0.25,
    ],
    [
      'version 1, a path of the host, found at the root by the short name',
      v1('cpu,cpuacct', '/docker/1f', {
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '300000\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      }),
      3,
    ],
    [
      'version 1, of another controller only',
      {
        '/proc/self/cgroup': '2:cpuset:/\n',
        '/sys/fs/cgroup/cpuset/cpu.cfs_quota_us': '1\n',
        '/sys/fs/cgroup/cpuset/cpu.cfs_period_us': '100000\n',
      },
      undefined,
    ],
    ['no /proc, but a container', { '/sys/fs/cgroup/cpu.max': '80000 100000\n' }, 0.8],
    ['nothing to be read', {}, undefined],
    ['nonsense', v2('/', { '/proc/self/cgroup': 'nonsense\n', '/sys/fs/cgroup/cpu.max': '0 0\n' }), undefined],
  ])('%s', (_, files, cores) => {
    expect(cpuQuotaCores(reader(files))).toBe(cores)
  })
})

test.each([
  // quota in µs of 100 000, cores, may spin
  ['max', 2, true],
  ['max', 1, false],
  ['100000', 8, false],
  ['100001', 8, true],
  ['50000', 8, false],
  ['400000', 1, false],
])('with a quota of %s and %i cores a wait may spin: %s', (quotaUs, cores, expected) => {
  const readText = reader(v2('/', { '/sys/fs/cgroup/cpu.max': `${quotaUs} 100000\n` }))
  expect(maySpin({ readText, parallelism: () => cores })).toBe(expected)
})

test('this machine can be asked', () => {
  expect([true, false]).toContain(maySpin())
})
