import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { FailureKind } from '../../../src/model/record.ts'
import { bestConfiguration } from '../../../src/report/recommendations.ts'
import { seriesText } from '../../../src/report/series.ts'
import { summaryGroups } from '../../../src/report/summary-table.ts'
import { traceText } from '../../../src/report/trace-json.ts'
import { summaryDefinitions } from '../../../src/stats/definitions.ts'
import { verdictRules } from '../../../src/stats/verdict-rules.ts'
import { k05Records } from '../../stats/records.ts'
import {
  asked,
  type Case,
  capped,
  constant,
  cutOff,
  failing,
  inARow,
  lastLate,
  paced,
  promptsOff,
  random,
  selfDelays,
  stream,
  templated,
  twoSlots,
  verdictOf,
  waiting,
} from '../../stats/verdict-cases.ts'
import { embeddingPlan, k14Results, loadPlan, planOf, resultOf } from '../results.ts'
import { advice, gates, notes, statements } from './chinese-examples.ts'

type Dictionary = Readonly<Record<string, string>>

const browser = new URL('../../../src/report/html/browser/', import.meta.url)
const load = async <T>(name: string): Promise<T> => (await import(/* @vite-ignore */ `${browser.href}${name}`)) as T
const { inChinese } = await load<{ inChinese: (text: string) => string }>('chinese.js')
const { chineseAdvice } = await load<{ chineseAdvice: Dictionary }>('chinese-advice.js')
const { chineseDefinitions } = await load<{ chineseDefinitions: Dictionary }>('chinese-definitions.js')
const { chineseFailures, chineseLabels } =
  await load<Record<'chineseFailures' | 'chineseLabels', Dictionary>>('chinese-labels.js')
const { chineseNotes } = await load<{ chineseNotes: Dictionary }>('chinese-notes.js')
const { chineseGates } = await load<{ chineseGates: Dictionary }>('chinese-gates.js')
const { chineseReasons } = await load<{ chineseReasons: Dictionary }>('chinese-reasons.js')
const { englishWords } = await load<{ englishWords: object }>('words-en.js')
const { chineseWords } = await load<{ chineseWords: object }>('words-zh.js')

const templates: Dictionary = { ...chineseReasons, ...chineseNotes, ...chineseAdvice, ...chineseGates }

/** Names and units that Chinese readers know as they are. */
const known =
  /--[\w-]+( '\{.*?\}')?|\b(TTFT|TTFAT|ITL|TPOT|Token|KV|CPU|usage|doctor|p\d+(_\w+)?|max|avg|ms|s|tok\/s|req\/s|INVALID|JSON)\b/g

const englishIn = (text: string): readonly string[] => text.replace(known, '').match(/[A-Za-z]{2,}/g) ?? []

const numbersIn = (text: string): readonly string[] => (text.match(/\d+(\.\d+)?/g) ?? []).toSorted()

const expectChinese = (english: string): void => {
  const chinese = inChinese(english)
  expect(chinese).not.toBe(english)
  expect(englishIn(chinese)).toEqual([])
  expect(numbersIn(chinese)).toEqual(numbersIn(english))
}

test('the page has the same words of its own in both languages', () => {
  expect(Object.keys(chineseWords)).toEqual(Object.keys(englishWords))
})

describe('a dictionary', () => {
  test.each(Object.entries(templates))('has every figure of %j once', (english, chinese) => {
    const holes = Array.from(english.matchAll(/\{\}/g), (_, at) => String(at + 1))
    expect(Array.from(chinese.matchAll(/\{(\d)\}/g), ([, hole]) => hole).toSorted()).toEqual(holes)
    expect(numbersIn(chinese.replace(/\{\d\}/g, ''))).toEqual(numbersIn(english))
  })

  test('of definitions has those that there are, with the same numbers', () => {
    const meanings = summaryDefinitions.map(([, meaning]) => meaning)
    expect(meanings.filter(meaning => !Object.hasOwn(chineseDefinitions, meaning))).toEqual([])
    for (const meaning of meanings) expect(numbersIn(inChinese(meaning))).toEqual(numbersIn(meaning))
  })

  test('has the names of all figures but those that are the same in Chinese', () => {
    const shown = [...k14Results, resultOf(planOf(1, 3), k05Records), resultOf(embeddingPlan(1, 3), inARow(3))]
    const paces = [loadPlan(constant), loadPlan(capped), loadPlan({ kind: 'trace' })]
    const results = [...shown, ...paces.map(plan => resultOf(plan, paced(5, 20)))]
    const names = [
      ...summaryDefinitions.flatMap(([keys]) => keys),
      ...Object.values(seriesText).map(({ label }) => label),
      ...Object.values(traceText).map(({ label }) => label),
      ...results.flatMap(summaryGroups).flatMap(({ title, rows }) => [title, ...rows.map(([name]) => name)]),
      ...bestConfiguration(k14Results).map(([name]) => name),
    ]
    const same = ['TTFT (ms)', 'TTFAT (ms)', 'TTFAT (s)', 'TPOT (ms)', 'ITL (ms)']
    expect([...new Set(names)].filter(name => inChinese(name) === name && !same.includes(name))).toEqual([])
    expect(Object.keys(chineseLabels).filter(name => chineseLabels[name] === name)).toEqual([])
  })

  test('has all kinds of failures', () => {
    const kinds: Readonly<Record<FailureKind, true>> = {
      connect: true,
      tls: true,
      timeout_connect: true,
      timeout_first_byte: true,
      timeout_idle: true,
      timeout_total: true,
      http_3xx: true,
      http_4xx: true,
      http_429: true,
      http_5xx: true,
      inband_error: true,
      empty: true,
      truncated: true,
      protocol: true,
      aborted: true,
    }
    expect(Object.keys(chineseFailures)).toEqual(Object.keys(kinds))
  })
})

describe('in Chinese there is', () => {
  /** Runs that have reasons: at least one for each rule. */
  const suspects: readonly Case[] = [
    { health: [{ laterSelfDelays: selfDelays(5010, 1000) }] },
    { health: [{ thread: 1 }, { thread: 2, firstSelfDelays: selfDelays(51_000, 1000) }] },
    {
      health: [{ firstSelfDelays: selfDelays(90_000, 1000) }],
      records: inARow(100, { isStream: false, ttftUs: undefined, gapsUs: [] }),
    },
    { health: [{ laterSelfDelays: selfDelays(5010, 20) }] },
    { records: inARow(100, { connectUs: 51_000 }) },
    { health: [{ runQueueUs: 260_000 }] },
    { health: [{ thread: 1 }, { thread: 2, runQueueUs: 51_000, coresGiven: 10 }] },
    { health: [{ quotaPeriods: 1000, throttledCount: 11 }] },
    { plan: { load: constant }, records: paced(20.1) },
    { plan: { load: constant }, records: lastLate(75) },
    { plan: planOf(2, 100, 'openqa'), records: twoSlots(0.045) },
    { plan: planOf(4, 100, 'openqa'), records: twoSlots(0) },
    { context: waiting(384) },
    { records: failing(11) },
    { records: cutOff(11) },
    { plan: asked(11) },
    { plan: random(), context: promptsOff(-1.1) },
    { plan: random(), records: inARow(100, { cachedTokens: 6 }) },
    { ...templated(20), records: inARow(100, { cachedTokens: 96 }) },
    {
      plan: {
        gates: { conditions: [{ figure: 'p99_ttft', operator: '>', bound: 1e9 }], baseline: [], isAdvisory: false },
      },
      records: [...inARow(62), stream(200)],
    },
  ]
  const reasons = suspects.flatMap(given => verdictOf(given).reasons)

  test('every reason for a verdict, with its figures', () => {
    const silent = verdictRules.filter(({ why }) => !reasons.some(({ message }) => message.includes(`. ${why}: `)))
    expect(silent.map(({ measurement }) => measurement)).toEqual([])
    for (const { name, message } of reasons) {
      expectChinese(name)
      expectChinese(message)
    }
    for (const { name, why, advice: what } of verdictRules) for (const part of [name, why, what]) expectChinese(part)
  })

  test.each([...notes, ...statements, ...advice, ...gates])('%s', english => expectChinese(english))

  test('the rest as it is: what servers and users wrote', () => {
    for (const text of ['no room on device', 'my-model (v2)', 'x'.repeat(5000), '']) expect(inChinese(text)).toBe(text)
    expect(inChinese("The server's counts of 1 request are not checked: roles must alternate.")).toContain(
      'roles must alternate',
    )
  })
})

describe('no sentence is forgotten', () => {
  const root = new URL('../../../src/', import.meta.url)
  const sources = [
    ...readdirSync(new URL('stats/', root))
      .filter(name => /^(notes.*|floor-note|verdict|verdict-(client|measures))\.ts$/.test(name))
      .map(name => `stats/${name}`),
    'report/recommendations.ts',
    'stats/gates.ts',
  ]
  const english = Object.keys({ ...templates, ...chineseLabels }).map(text => text.toLowerCase())

  test.each(sources)('of %s: each piece of one is a piece of what has a translation', path => {
    const pieces = textsIn(readFileSync(new URL(path, root), 'utf8').replace(/^(import|} from) .*$/gm, ''))
    // Shorter pieces join others, which stand in the examples above.
    const long = pieces.filter(text => (text.match(/[A-Za-z]{2,}/g) ?? []).length >= 3)
    expect(long.length).toBeGreaterThan(0)
    expect(long.filter(text => !english.some(whole => whole.includes(text.toLowerCase())))).toEqual([])
  })
})

/** All texts of a program, those of a template piece by piece. */
function textsIn(program: string): readonly string[] {
  const texts: string[] = []
  let at = 0
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(program)
    at = found === null ? program.length : pattern.lastIndex
    return found
  }
  const readTemplate = (): void => {
    for (;;) {
      const found = next(/((?:[^`\\$]|\\.|\$(?!\{))*)(`|\$\{)/g)
      texts.push(found?.[1] ?? '')
      if (found?.[2] !== '${') return
      readCode()
    }
  }
  const readCode = (): void => {
    for (;;) {
      const found = next(/\/\*[\s\S]*?\*\/|\/\/.*|'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|[`{}]/g)
      if (found === null || found[0] === '}') return
      if (found[0] === '{') readCode()
      else if (found[0] === '`') readTemplate()
      else texts.push(found[1] ?? found[2] ?? '')
    }
  }
  readCode()
  return texts.map(text => text.trim())
}
