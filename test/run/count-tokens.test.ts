import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { neverStops } from '../../src/load/stop.ts'
import { StatusLine } from '../../src/report/status-line.ts'
import { countTokens } from '../../src/run/count-tokens.ts'
import type { Host } from '../../src/run/host.ts'
import type { CountOptions, TokenCounter } from '../../src/run/token-counter.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Counts with a counter that shows progress at these seconds, and then nothing more; gives what is said. */
const countWith = async (progressSec: readonly number[], untilSec: number) => {
  const lines: string[] = []
  const countAll = ({ stop, onProgress }: CountOptions): Promise<undefined> => {
    for (const [done, second] of progressSec.entries()) setTimeout(() => onProgress(done, 9), 1000 * second)
    return new Promise(resolve => stop.addEventListener('abort', () => resolve(undefined)))
  }
  let isOver = false
  const counting = countTokens({
    plan: { name: 'run' },
    counter: { waiting: 9, countAll } as unknown as TokenCounter,
    receiver: { updateTokens: () => undefined },
    host: { stop: neverStops(), status: new StatusLine({ write: () => undefined }) } as unknown as Host,
    say: line => lines.push(line),
  }).finally(() => {
    isOver = true
  })
  await vi.advanceTimersByTimeAsync(1000 * untilSec)
  if (isOver) await counting
  return { isOver, lines }
}

test('counting that shows nothing for five minutes is ended, and said so', async () => {
  const { isOver, lines } = await countWith([200, 400], 701)
  expect(isOver).toBe(true)
  expect(lines.at(-1)).toBe('run: nothing was counted for 300 s, so counting was ended')
})

test('counting that goes on slowly is not', async () => {
  expect(await countWith([200, 400, 600, 800], 1000)).toMatchObject({ isOver: false, lines: [expect.any(String)] })
})

test('what a full disk left uncounted is among what the server did not count', async () => {
  const lines: string[] = []
  const uncounted = { requests: 12, reason: 'the disk takes no more answers that wait' }
  await countTokens({
    plan: { name: 'run' },
    counter: { waiting: 5, lacking: 17, countAll: async () => ({ uncounted }) } as unknown as TokenCounter,
    receiver: { updateTokens: () => undefined },
    host: { stop: neverStops(), status: new StatusLine({ write: () => undefined }) } as unknown as Host,
    say: line => lines.push(line),
  })
  expect(lines.at(-1)).toBe('run: 12 of 17 requests are not counted: the disk takes no more answers that wait')
})
