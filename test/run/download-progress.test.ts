import { expect, test } from 'vitest'
import { neverStops } from '../../src/load/stop.ts'
import { StatusLine } from '../../src/report/status-line.ts'
import { showDownloads } from '../../src/run/download-progress.ts'
import type { Host } from '../../src/run/host.ts'

/** What is written when bytes come at these times. */
const written = (isTTY: boolean, totalBytes: number | undefined, timesMs: readonly number[]): string[] => {
  const lines: string[] = []
  let nowMs = 0
  const host: Host = {
    print: () => undefined,
    status: new StatusLine({ isTTY, columns: 200, write: text => lines.push(text) }),
    columns: 80,
    stop: neverStops(),
    env: {},
    lastActs: new Set(),
  }
  const show = showDownloads(host, () => nowMs)
  for (const timeMs of timesMs) {
    nowMs = timeMs
    show({ name: 'a.jsonl', doneBytes: timeMs * 100, totalBytes })
  }
  return lines
}

test('a terminal shows every step in one line', () => {
  expect(written(true, 8e6, [10_000, 20_000])).toEqual([
    '\r\u001b[2Kdownloading a.jsonl: 1.0 of 8.0 MB (12 %)',
    '\r\u001b[2Kdownloading a.jsonl: 2.0 of 8.0 MB (25 %)',
  ])
})

test('a pipe gets a line every 10 s', () => {
  expect(written(false, undefined, [1000, 9999, 10_000, 19_999, 25_000])).toEqual([
    'downloading a.jsonl: 1.0 MB\n',
    'downloading a.jsonl: 2.5 MB\n',
  ])
})
