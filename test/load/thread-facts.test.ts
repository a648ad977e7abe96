import { describe, expect, test } from 'vitest'
import { countOpenFiles, readThreadTimes, readThrottling } from '../../src/load/thread-facts.ts'

const reader =
  (files: Readonly<Record<string, string>>) =>
  (path: string): string | undefined =>
    files[path]

describe('the times of a thread', () => {
  const timesOf = (schedstat: string) => readThreadTimes(reader({ '/proc/thread-self/schedstat': schedstat }))

  test('are those on a core and those without one', () => {
    expect(timesOf('527143877 42529163 203\n')).toEqual({ cpuUs: 527_144, runQueueUs: 42_529, coresGiven: 203 })
  })

  test.each(['0 0 0\n', '', 'nothing to see\n'])('are none where the kernel does not count: %j', text => {
    expect(timesOf(text)).toBeUndefined()
  })

  test('are none on other systems', () => {
    expect(readThreadTimes(reader({}))).toBeUndefined()
  })

  test.skipIf(process.platform !== 'linux')('grow with what this thread does', () => {
    const before = readThreadTimes()
    const endMs = performance.now() + 20
    while (performance.now() < endMs);
    const after = readThreadTimes()
    const grown = (after?.cpuUs ?? 0) - (before?.cpuUs ?? 0) + (after?.runQueueUs ?? 0) - (before?.runQueueUs ?? 0)
    expect(grown).toBeGreaterThan(15_000)
  })
})

describe('throttling', () => {
  test('is what version 2 counts in microseconds', () => {
    const files = {
      '/proc/self/cgroup': '0::/job\n',
      '/sys/fs/cgroup/job/cpu.stat': 'usage_usec 900\nnr_periods 10\nnr_throttled 3\nthrottled_usec 45000\n',
      '/sys/fs/cgroup/cpu.stat': 'usage_usec 9000\n',
    }
    expect(readThrottling(reader(files))).toEqual({ count: 3, us: 45_000 })
  })

  test('is what version 1 counts in nanoseconds', () => {
    const files = {
      '/proc/self/cgroup': '3:cpu,cpuacct:/job\n0::/\n',
      '/sys/fs/cgroup/cpu,cpuacct/job/cpu.stat': 'nr_periods 10\nnr_throttled 4\nthrottled_time 12345678\n',
    }
    expect(readThrottling(reader(files))).toEqual({ count: 4, us: 12_346 })
  })

  test('is that of the group that was stopped the longest', () => {
    const stat = (count: number, us: number): string => `nr_throttled ${count}\nthrottled_usec ${us}\n`
    const files = {
      '/proc/self/cgroup': '0::/a/b\n',
      '/sys/fs/cgroup/a/b/cpu.stat': stat(9, 100),
      '/sys/fs/cgroup/a/cpu.stat': stat(2, 7000),
    }
    expect(readThrottling(reader(files))).toEqual({ count: 2, us: 7000 })
  })

  test('is unknown where no group tells', () => {
    expect(readThrottling(reader({}))).toBeUndefined()
  })
})

describe('open files', () => {
  test('are the size of their directory, where that says it', () => {
    const list = () => expect.unreachable()
    expect(countOpenFiles({ sizeOf: () => 1042, list })).toBe(1042)
  })

  test('are counted where it does not, without the one that lists them', () => {
    expect(countOpenFiles({ sizeOf: () => 0, list: () => ['0', '1', '2', '3'] })).toBe(3)
  })

  test('are unknown without /proc', () => {
    const fail = (): never => {
      throw new Error('ENOENT')
    }
    expect(countOpenFiles({ sizeOf: fail, list: fail })).toBeUndefined()
  })
})
