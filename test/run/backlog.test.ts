import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { Backlog } from '../../src/run/backlog.ts'
import { waitUntil } from '../support/wait.ts'

const directory = mkdtempSync(join(tmpdir(), 'evalscope-backlog-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const readAll = async (backlog: Backlog): Promise<string[]> => {
  const lines: string[] = []
  for await (const block of backlog.read()) lines.push(...block)
  return lines
}

/** As long as a block, so that each line is one. */
const long = (start: string): string => start.padEnd(2 ** 18, '…')

test('what is little comes back without a file', async () => {
  const backlog = new Backlog(join(directory, 'nowhere'))
  const lines = ['{"a":1}', '', '{"b":"ü🙂"}']
  for (const line of lines) expect(backlog.add(line)).toBe(true)
  expect(backlog.count).toBe(3)
  expect(await readAll(backlog)).toEqual(lines)
})

test('lines come back in their order, whatever part of them is in memory, on disk, or on its way there', async () => {
  const line = fc.oneof(fc.string(), fc.string({ minLength: 1, maxLength: 9 }).map(long))
  const lines = fc.array(
    line.filter(text => !/[\n\p{Surrogate}]/u.test(text)),
    { minLength: 1, maxLength: 8 },
  )
  await fc.assert(
    fc.asyncProperty(lines, fc.nat(2 ** 21), async (given, memoryBytes) => {
      const backlog = new Backlog(directory, memoryBytes)
      for (const text of given) backlog.add(text)
      expect((await readAll(backlog)).join('\n')).toBe(given.join('\n'))
    }),
    { numRuns: 20 },
  )
})

test('the file has no name while it holds answers, so nothing is left of a run that is killed', async () => {
  const backlog = new Backlog(directory, 0)
  backlog.add(long('a'))
  expect(readdirSync(directory)).toEqual([])
  expect(await readAll(backlog)).toEqual([long('a')])
})

test('where nothing can be written, what was taken comes back and no more is taken', async () => {
  const backlog = new Backlog(join(directory, 'nowhere'), 0)
  const taken = [long('a')]
  backlog.add(long('a'))
  await waitUntil(() => {
    const isTaken = backlog.add('b')
    if (isTaken) taken.push('b')
    return !isTaken
  })
  expect(backlog.add('c')).toBe(false)
  expect(backlog.count).toBe(taken.length)
  expect(await readAll(backlog)).toEqual(taken)
})
