import { describe, expect, test } from 'vitest'
import { readThrottling, throttlingSince } from '../../src/load/cpu-throttling.ts'

type Files = Readonly<Record<string, string>>

const read = (files: Files) => readThrottling(path => files[path])

const stat = (periods: number, count: number, us: number): string =>
  `usage_usec 900\nnr_periods ${periods}\nnr_throttled ${count}\nthrottled_usec ${us}\n`

const twoGroups = (own: string, above: string): Files => ({
  '/proc/self/cgroup': '0::/a/b\n',
  '/sys/fs/cgroup/a/b/cpu.stat': own,
  '/sys/fs/cgroup/a/cpu.stat': above,
})

describe('what a group tells of its quota', () => {
  test('is counted in microseconds by version 2', () => {
    const files = {
      '/proc/self/cgroup': '0::/job\n',
      '/sys/fs/cgroup/job/cpu.stat': stat(10, 3, 45_000),
      '/sys/fs/cgroup/cpu.stat': 'usage_usec 9000\n',
    }
    expect(read(files)).toEqual([{ directory: '/sys/fs/cgroup/job', periods: 10, count: 3, us: 45_000 }])
  })

  test('is counted in nanoseconds by version 1', () => {
    const files = {
      '/proc/self/cgroup': '3:cpu,cpuacct:/job\n0::/\n',
      '/sys/fs/cgroup/cpu,cpuacct/job/cpu.stat': 'nr_periods 10\nnr_throttled 4\nthrottled_time 12345678\n',
    }
    const directory = '/sys/fs/cgroup/cpu,cpuacct/job'
    expect(read(files)).toEqual([{ directory, periods: 10, count: 4, us: 12_346 }])
  })

  test('is nothing where there is none', () => {
    expect(read({})).toEqual([])
    expect(throttlingSince([], [])).toBeUndefined()
  })
})

describe('throttling between two moments', () => {
  const since = (before: Files, now: Files) => throttlingSince(read(before), read(now))

  test('is that of the group that was stopped then, not of one that was stopped before', () => {
    const before = twoGroups(stat(100, 0, 0), stat(1000, 600, 60_000_000))
    const now = twoGroups(stat(200, 50, 5_000_000), stat(1100, 600, 60_000_000))
    expect(since(before, now)).toEqual({ periods: 100, count: 50, us: 5_000_000 })
  })

  test('is that of the group that was stopped in most of its periods, however long the times add up on all cores', () => {
    const before = twoGroups(stat(0, 0, 0), stat(0, 0, 0))
    const now = twoGroups(stat(100, 20, 1000), stat(100, 10, 9_000_000))
    expect(since(before, now)).toEqual({ periods: 100, count: 20, us: 1000 })
  })

  test('is nothing of a group that was not there before, or is another one by now', () => {
    const now = twoGroups(stat(100, 20, 1000), stat(100, 10, 1000))
    expect(since({}, now)).toBeUndefined()
    expect(since(twoGroups(stat(900, 20, 1000), stat(0, 0, 0)), now)).toEqual({ periods: 100, count: 10, us: 1000 })
  })

  test('is no share of anything without a quota', () => {
    const files = twoGroups(stat(0, 0, 0), stat(0, 0, 0))
    expect(since(files, files)).toEqual({ periods: 0, count: 0, us: 0 })
  })
})
