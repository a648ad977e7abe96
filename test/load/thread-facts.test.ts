import { describe, expect, test } from 'vitest'
import { countOpenFiles, readThreadTimes } from '../../src/load/thread-facts.ts'

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
