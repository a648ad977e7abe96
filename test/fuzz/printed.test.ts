import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect } from 'vitest'
import type { JsonValue } from '../../src/model/json.ts'
import type { FailureKind } from '../../src/model/record.ts'
import type { RunResult } from '../../src/model/result.ts'
import { plainText } from '../../src/plain-text.ts'
import { failureTable } from '../../src/report/failure-table.ts'
import { jsonFileText, summaryJson } from '../../src/report/json.ts'
import { runReport } from '../../src/report/run-report.ts'
import { StatusLine } from '../../src/report/status-line.ts'
import { sweepReport } from '../../src/report/sweep-report.ts'
import { createTrace } from '../../src/run/debug-trace.ts'
import { openLog } from '../../src/run/log.ts'
import { planOf, resultOf, someFindings } from '../report/results.ts'
import { failed, streamed } from '../stats/records.ts'
import { fuzz } from './fuzz.ts'
import { hostileText, hostileValue, unprintable } from './hostile.ts'

/** Texts of others, by where they stand. */
const words = fc.record({
  model: hostileText,
  dataset: hostileText,
  api: hostileText,
  name: hostileText,
  path: hostileText,
  requestId: hostileText,
  failures: fc.array(
    fc.tuple(fc.constantFrom<FailureKind>('connect', 'http_5xx', 'protocol', 'inband_error'), hostileText),
    { maxLength: 3 },
  ),
  notes: fc.array(hostileText, { maxLength: 2 }),
  reason: hostileText,
  statement: fc.option(hostileText, { nil: undefined }),
  form: fc.constantFrom('run', 'sweep', 'failures'),
  columns: fc.constantFrom(undefined, undefined, 80),
})

type Words = typeof words extends fc.Arbitrary<infer Case> ? Case : never

const resultWith = (given: Words): RunResult => {
  const plan = planOf(1, 4, given.dataset)
  const records = [
    streamed({ start: 0, end: 1, ttft: 0.5, gaps: [0.5], input: 5, output: 2 }, { requestId: given.requestId }),
    ...given.failures.map(([kind, message], index) =>
      failed(kind, { start: 0, end: 1 }, { message, index: index + 1 }),
    ),
  ]
  const { input } = someFindings
  const worst = { requestId: given.requestId, usage: 35, tokenizer: 14 }
  const result = resultOf({ ...plan, name: given.name, model: given.model, api: given.api }, records)
  return {
    ...result,
    tokens: { ...someFindings, input: input && { ...input, worst } },
    notes: [...result.notes, ...given.notes],
    verdict: {
      level: given.statement === undefined ? 'SUSPECT' : undefined,
      reasons: [{ name: 'requests failed', level: 'SUSPECT', measured: 1, bound: 2, unit: '%', message: given.reason }],
      statement: given.statement,
    },
  }
}

/** The tables of a run, of a sweep, or of failures alone: they take long. */
const printed = (given: Words): string => {
  const result = resultWith(given)
  switch (given.form) {
    case 'run':
      return runReport(result, { dbPath: given.path, columns: given.columns })
    case 'sweep':
      return sweepReport([result], { outputPath: given.path })
    case 'failures':
      return failureTable(result.failures, given.columns)
  }
}

/** The same words without what a terminal would obey. */
const plainWords = (given: Words): Words => ({
  ...given,
  ...Object.fromEntries(
    (['model', 'dataset', 'api', 'name', 'path', 'requestId', 'reason', 'statement'] as const).map(key => [
      key,
      given[key] === undefined ? undefined : plainText(given[key]),
    ]),
  ),
  failures: given.failures.map(([kind, message]) => [kind, plainText(message)]),
  notes: given.notes.map(plainText),
})

const expectPlain = (text: string): void => {
  for (const line of text.split('\n')) expect(line).not.toMatch(unprintable)
}

fuzz<[Words]>(
  'reports',
  [words],
  given => {
    const text = printed(given)
    expectPlain(text)
    // What was taken away has left nothing behind, no line either.
    expect(text).toBe(printed(plainWords(given)))
  },
  { share: 0.3 },
)

fuzz<[string]>('foreign text', [hostileText], text => {
  const plain = plainText(text)
  expect(plain).not.toMatch(unprintable)
  expect(plainText(plain)).toBe(plain)
})

fuzz<[readonly (readonly ['say' | 'show', string])[], boolean]>(
  'the status line',
  [fc.array(fc.tuple(fc.constantFrom('say', 'show'), hostileText), { maxLength: 5 }), fc.boolean()],
  (acts, isTTY) => {
    const writes: string[] = []
    const line = new StatusLine({ isTTY, columns: 40, write: text => writes.push(text) })
    for (const [act, text] of acts) {
      if (act === 'say') line.say(text)
      else line.show(text)
    }
    for (const written of writes) {
      const text = written.replaceAll('\r\u001b[2K', '').replace(/\n$/, '')
      expect(text).not.toMatch(unprintable)
    }
  },
)

const place = mkdtempSync(join(tmpdir(), 'evalscope-printed-'))
afterAll(() => rmSync(place, { recursive: true }))

const logLine = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - evalscope - (INFO|WARNING|WARN|DEBUG): /

fuzz<[string, string]>('the log', [hostileText, hostileText], (text, message) => {
  const path = join(place, 'benchmark.log')
  writeFileSync(path, '')
  const log = openLog(path, true)
  log.info(text)
  const trace = createTrace(log, planOf(1, 1), true)
  trace.sent('r', text)
  trace.received('r', Buffer.from(text))
  trace.ended(failed('protocol', { start: 0, end: 1 }, { message, requestId: text }))
  log.close()
  const lines = readFileSync(path, 'utf8').split('\n')
  expectPlain(lines.join('\n'))
  // Only what we say in several lines has lines of its own.
  expect(lines.at(-1)).toBe('')
  for (const line of lines.slice(-4, -1)) expect(line).toMatch(logLine)
})

fuzz<[JsonValue, Words]>(
  'JSON files',
  [hostileValue, words],
  (value, given) => {
    for (const each of [value, summaryJson(resultWith(given))]) {
      const text = jsonFileText(each)
      expectPlain(text)
      expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(each))
    }
  },
  { share: 0.3 },
)
