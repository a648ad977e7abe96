import { describe, expect, test } from 'vitest'
import { markdownReport } from '../../../src/report/ci/markdown.ts'
import { codeBlock, codeSpan, firstOf, markdownText } from '../../../src/report/ci/markdown-text.ts'
import { embedded } from '../../stats/records.ts'
import { embeddingPlan, planOf, resultOf } from '../results.ts'
import {
  ciReport,
  ciRun,
  gateCheck,
  gatesOf,
  hostile,
  hostileReport,
  mixedChecks,
  slaOutcome,
  suspect,
  valid,
} from './reports.ts'

test('two runs with gates are written as before', async () => {
  await expect(markdownReport(ciReport({ gates: gatesOf(mixedChecks) }))).toMatchFileSnapshot('../golden/ci-report.md')
})

describe('the title says what the exit code says', () => {
  const good = ciRun(4, 100, { verdict: valid })

  test.each([
    ['all is well', { runs: [good], plannedRuns: 1 }, '## ✅ evalscope perf: `qwen2.5` passed'],
    ['a run is SUSPECT', {}, '## ⚠️ evalscope perf: `qwen2.5` passed, with doubts'],
    ['the same with --strict', { isStrict: true }, '## ❌ evalscope perf: `qwen2.5` did not pass'],
    ['a gate failed', { gates: gatesOf(mixedChecks) }, '## ❌ evalscope perf: `qwen2.5` did not pass'],
    [
      'that is advisory',
      { gates: gatesOf(mixedChecks, true) },
      '## ⚠️ evalscope perf: `qwen2.5` 2 of 4 gates failed (advisory)',
    ],
    [
      'a run is INVALID',
      { runs: [ciRun(4, 100, { verdict: { ...suspect, level: 'INVALID' } })], plannedRuns: 1 },
      '## ⛔ evalscope perf: `qwen2.5` passed, but 1 of 1 runs INVALID',
    ],
    ['Ctrl-C', { runs: [good], isInterrupted: true }, '## ❌ evalscope perf: `qwen2.5` did not pass'],
    ['nothing was measured', { runs: [], problem: 'cannot reach it' }, '## ❌ evalscope perf: did not pass'],
  ])('%s', (_, overrides, title) => {
    expect(markdownReport(ciReport(overrides)).split('\n')[0]).toBe(title)
  })
})

test('gates that did not pass stand first, with words beside the marks', () => {
  const rows = markdownReport(ciReport({ gates: gatesOf(mixedChecks) })).match(/^\|.*(passed|failed|unmeasurable).*/gm)
  expect(rows?.map(row => /[✅❌❔] \w+/u.exec(row)?.[0])).toEqual([
    '❌ failed',
    '❔ unmeasurable',
    '✅ passed',
    '✅ passed',
  ])
})

test('advisory gates are called so', () => {
  expect(markdownReport(ciReport({ gates: gatesOf(mixedChecks, true) }))).toContain(
    '### Gates (advisory: they fail nothing)',
  )
})

test('gates that pass in a run that is INVALID are no good news', () => {
  const text = markdownReport(
    ciReport({ gates: { ...gatesOf([gateCheck()]), invalidRuns: ['parallel_4_number_100'] } }),
  )
  expect(text).toContain('**⛔ Gates: passed, but parallel_4_number_100 is INVALID**')
  expect(text).toContain('| ⛔ passed, but the run is INVALID |')
})

test('what is to be said of the baseline stands below the gates', () => {
  const baseline = { path: 'outputs/base', doubts: ['it measured something else: model A there, B here'], pairs: [] }
  expect(markdownReport(ciReport({ gates: { ...gatesOf([gateCheck()]), baseline } }))).toContain(
    '|\n\n- the baseline is outputs/base\n- it measured something else: model A there, B here\n',
  )
})

test('reasons of verdicts, failures and what went wrong are told', () => {
  const text = markdownReport(ciReport({ problem: 'cannot write x_y' }))
  expect(text).toContain(
    `- ⚠️ \`parallel_8_number_700\`: SUSPECT: client slow\n  - client slow: ${suspect.reasons[0].message}`,
  )
  expect(text).toContain('- ✅ 1 VALID')
  expect(text).toContain('- `parallel_4_number_100`: 5 × http_5xx, status 500: `no answer 3`')
  expect(text).toContain('**❌ cannot write x_y**')
})

test('a run that is INVALID has a mark of its own', () => {
  const invalid = { ...suspect, level: 'INVALID' } as const
  expect(markdownReport(ciReport({ runs: [ciRun(8, 700, { verdict: invalid })] }))).toContain(
    '- ⛔ `parallel_8_number_700`: INVALID: client slow',
  )
})

test.each([4, undefined])(
  'verdicts of a search that found %j are their own, and what it went past is no doubt',
  found => {
    const runs = [ciRun(4, 100, { verdict: valid }), ciRun(8, 700, { verdict: suspect })]
    const text = markdownReport(ciReport({ runs, sla: slaOutcome(runs, found) }))
    expect(text.split('\n')[0]).toContain(found === undefined ? 'did not pass' : '✅ evalscope perf: `qwen2.5` passed')
    expect(text).toContain('- ⚠️ `parallel_8_number_700`: SUSPECT: client slow')
    expect(text).not.toContain('VALID** for each')
  },
)

test('figures that no run has get no column', () => {
  const requests = Array.from({ length: 20 }, (_, at) => embedded({ start: at, end: at + 0.5, input: 64 }))
  const result = resultOf(embeddingPlan(1, 20), requests)
  const head = markdownReport(ciReport({ runs: [{ startedAt: undefined, arguments: undefined, result }] }))
    .split('\n')
    .find(line => line.startsWith('| Run'))
  expect(head).toBe('| Run | req/s | input tok/s | Latency p99 (s) | Success | Verdict |')
})

test('a run in which all failed shows — beside the others', () => {
  const dead = { startedAt: undefined, arguments: undefined, result: resultOf(planOf(16, 5), []) }
  const report = markdownReport(ciReport({ runs: [ciRun(4, 100, { verdict: valid }), dead] }))
  const row = report.split('\n').find(line => line.startsWith('| parallel_16'))
  expect(row).toMatch(/^\| parallel_16_number_5 (\| — )+\|/)
})

test('thousands of runs, gates and failures stay below what a step summary takes', () => {
  const run = ciRun(4, 100)
  const failures = Array.from({ length: 10 }, () => ({
    ...({ kind: 'http_5xx', count: 1, statusCode: 500 } as const),
    example: 'x'.repeat(2000),
  }))
  const runs = Array.from({ length: 2000 }, (_, at) => {
    const plan = { ...run.result.plan, name: `parallel_4_number_100_${at}` }
    return { ...run, result: { ...run.result, plan, failures } }
  })
  const gates = gatesOf(
    Array.from({ length: 10_000 }, () => gateCheck({ verdict: 'failed', reason: 'y'.repeat(1000) })),
  )
  const text = markdownReport(ciReport({ runs, gates }))
  expect(Buffer.byteLength(text)).toBeLessThan(400_000)
  expect(text).toContain('and 9800 more')
  expect(text).toContain('and 1500 more runs')
})

test.each([false, true])('what runs are part of is told once, interrupted %s', isInterrupted => {
  const text = markdownReport(ciReport({ note: 'what that came to stands in sla_summary.json', isInterrupted }))
  expect(text.split('what that came to stands in sla_summary.json')).toHaveLength(2)
})

test('sentences of ours are told to their end', () => {
  const reason = `${'Nothing was measured, '.repeat(100)}in the end.`
  const verdict = { ...suspect, reasons: [{ ...suspect.reasons[0], message: reason }] }
  const outputPath = `outputs/${'deep/'.repeat(100)}here`
  const text = markdownReport(ciReport({ runs: [ciRun(8, 700, { verdict })], outputPath }))
  expect(text).toContain(`  - client slow: ${reason}`)
  expect(text).toContain(`Results: \`${outputPath}\`.`)
})

test('a command line that is too long gives way to the short one', () => {
  const run = ciRun(4, 100)
  const given = { provenance: { given: { prompt: 'word '.repeat(1000) } } }
  const text = markdownReport(ciReport({ runs: [{ ...run, arguments: given }] }))
  expect(text).toContain('```bash\nevalscope perf --from outputs/20270115_080000/qwen2.5\n```')
  expect(markdownReport(ciReport())).toContain('evalscope perf --model qwen2.5 --parallel 1 4')
})

describe('foreign text', () => {
  test.each([
    ['a|b', 'a&#124;b'],
    ['<img src=x>', '&#60;img src=x>'],
    ['p99_ttft < 5 > 3 </b>', 'p99_ttft < 5 > 3 &#60;/b>'],
    ['*a* ~b~ [c](d)', '&#42;a&#42; &#126;b&#126; &#91;c&#93;(d)'],
    ['`x` \\ &amp;', '&#96;x&#96; &#92; &#38;amp;'],
    ['@everyone', '@&#8203;everyone'],
    ['p99_ttft _x_', 'p99_ttft &#95;x&#95;'],
    ['http://x www.y', 'http&#58;//x www&#46;y'],
    ['http://x.y_www.x.y', 'http&#58;//x.y_www&#46;x.y'],
    ['two\nlines\u001b[31m', 'two lines'],
  ])('%j is the text %j', (text, written) => {
    expect(markdownText(text)).toBe(written)
  })

  test.each([
    ['a', '`a`'],
    ['a`b', '``a`b``'],
    ['``', '``` `` ```'],
    ['', '—'],
    ['@x <b>', '`@x <b>`'],
    ['y'.repeat(400), `\`${'y'.repeat(299)}…\``],
  ])('%j is the code %j', (text, written) => {
    expect(codeSpan(text)).toBe(written)
  })

  test('a fence is longer than any in the code', () => {
    expect(codeBlock('bash', 'a\n````\nb')).toBe('`````bash\na\n````\nb\n`````')
  })

  test('opens no cell, line or tag of the report', () => {
    const text = markdownReport(hostileReport(hostile))
    const tables = text.split('\n').filter(line => line.startsWith('|'))
    const counts = tables.map(line => line.split('|').length)
    // The overview has three lines; the gates have one less column than it.
    expect(new Set(counts.slice(0, 3)).size).toBe(1)
    expect(new Set(counts.slice(3)).size).toBe(1)
    // What stands in code, on a line or in the block at the end, means nothing.
    const prose = text.slice(0, text.indexOf('```bash')).replace(/(`+)[^`].*?\1(?!`)/g, '')
    expect(prose).not.toMatch(/<b>|@everyone|\]\(/)
  })
})

test('lists are cut with a line on how much is left out', () => {
  expect(firstOf(['- a', '- b', '- c'], 2)).toEqual(['- a', '- b', '- and 1 more'])
  expect(firstOf(['- a', '- b'], 2)).toEqual(['- a', '- b'])
})
