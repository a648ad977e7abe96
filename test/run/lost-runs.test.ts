import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readResults } from '../../src/run/stored-benchmark.ts'
import { createStore } from '../../src/store/sqlite.ts'
import { planOf } from '../report/results.ts'
import { k01Records } from '../stats/records.ts'
import { temporaryDirectory } from '../store/records.ts'

const makeRun = async (directory: string): Promise<void> => {
  mkdirSync(directory, { recursive: true })
  const store = await createStore({ path: join(directory, 'benchmark_data.db'), commitIntervalRows: 100 })
  store.writeRun('plan', { ...planOf(2, 5), name: 'one' })
  for (const record of k01Records) store.write(record)
  await store.close()
}

test.each([
  [3, []],
  [4, ['1 more run cannot be read']],
  [9, ['6 more runs cannot be read']],
])('three of %d databases that are none of ours are named, and the others counted', async (count, more) => {
  const directory = temporaryDirectory()
  await makeRun(join(directory, 'one'))
  for (let at = 0; at < count; at++) {
    mkdirSync(join(directory, `other${at}`))
    writeFileSync(join(directory, `other${at}`, 'benchmark_data.db'), 'y'.repeat(5000))
  }
  const lines: string[] = []
  const { lostRuns } = await readResults(directory, { say: line => lines.push(line) })
  expect(lostRuns).toBe(count)
  expect(lines.map(line => /^other\d/.exec(line)?.[0] ?? line)).toEqual(['other0', 'other1', 'other2', ...more])
})
