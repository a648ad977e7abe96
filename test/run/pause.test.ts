import { expect, test } from 'vitest'
import type { Host } from '../../src/run/host.ts'
import { pauseBefore } from '../../src/run/pause.ts'
import { firstPlan } from '../plan/plans.ts'

/** What a pause of so many ms shows. */
const shownFor = async (durationMs: number): Promise<readonly string[]> => {
  const shown: string[] = []
  const status = { show: (line: string) => void shown.push(line), clear: () => undefined }
  const stop = { draining: AbortSignal.abort() }
  await pauseBefore(firstPlan({ url: 'http://h:8000' }), durationMs, { status, stop } as unknown as Host)
  return shown
}

test('a pause is shown, and none is not', async () => {
  expect(await shownFor(5000)).toEqual([expect.stringMatching(/^pausing for 5 s before .* \(--sleep-interval\)$/)])
  expect(await shownFor(0)).toEqual([])
})
