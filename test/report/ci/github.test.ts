import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { annotationLines, summaryAddition } from '../../../src/report/ci/github.ts'
import { annotationLine } from '../../../src/report/ci/workflow-command.ts'
import { ciReport, ciRun, gateCheck, gatesOf, hostile, hostileReport, mixedChecks, valid } from './reports.ts'

/** How the runner takes a line apart. */
const readCommand = (line: string) => {
  const [, command, properties = '', data = ''] = /^::(\w+)(?: (.*?))?::(.*)$/s.exec(line) ?? []
  const title = /^title=([^,]*)$/.exec(properties)?.[1]
  return { command, title: title && decoded(title), message: decoded(data) }
}

const decoded = (text: string): string =>
  ['%0D', '%0A', '%3A', '%2C', '%25'].reduce(
    (rest, code) => rest.replaceAll(code, String.fromCharCode(Number.parseInt(code.slice(1), 16))),
    text,
  )

describe('an annotation', () => {
  test('escapes what the runner reads as its own', () => {
    expect(annotationLine('error', 'a: b, 50%', '100%0A: x, y')).toBe('::error title=a%3A b%2C 50%25::100%250A: x, y')
  })

  test('is one line that is read as title and message again, whatever they are', () => {
    const anyText = fc.string({ unit: fc.constantFrom('%', ':', ',', '0', 'A', 'a', ' ', '\n', '\r', '2', '5') })
    const plain = (text: string): string => text.replace(/\s+/g, ' ').trim()
    fc.assert(
      fc.property(anyText, anyText, (title, message) => {
        const line = annotationLine('warning', title, message)
        expect(line).not.toMatch(/[\r\n]/)
        const read = readCommand(line)
        expect(read).toEqual({ command: 'warning', title: plain(title), message: plain(message) })
      }),
    )
  })

  test('is cut where it is long', () => {
    expect(annotationLine('notice', 't', 'x'.repeat(5000))).toHaveLength('::notice title=t::'.length + 1000)
  })
})

describe('the annotations of a benchmark', () => {
  const commands = (overrides: Parameters<typeof ciReport>[0]) =>
    annotationLines(ciReport(overrides)).map(line => {
      const { command, title, message } = readCommand(line)
      return [command, title, message]
    })

  test('one notice where all is well', () => {
    const runs = [ciRun(4, 100, { verdict: valid })]
    expect(commands({ runs, plannedRuns: 1, gates: gatesOf([gateCheck()]) })).toEqual([
      ['notice', 'evalscope perf', '1 of 1 run VALID, 1 of 1 gates passed'],
    ])
  })

  test('errors for what fails the benchmark, warnings for the rest', () => {
    expect(commands({ gates: gatesOf(mixedChecks), problem: 'cannot write x' })).toEqual([
      [
        'error',
        'evalscope perf: parallel_4_number_100: fails if success_rate < 99.5',
        'success_rate is 90 %, below 99.5 %',
      ],
      [
        'error',
        'evalscope perf: parallel_4_number_100: fails if p99.9_ttft > 900',
        '90 samples do not carry p99.9, which takes 6636',
      ],
      ['error', 'evalscope perf: all runs came to their end', 'cannot write x'],
      [
        'warning',
        'evalscope perf: parallel_8_number_700: verdict',
        'SUSPECT: client slow: p99 self-delay is 30 % of p50 ITL; use fewer streams.',
      ],
    ])
  })

  test('advisory gates are warnings, and with --strict doubts are errors', () => {
    const levels = commands({ gates: gatesOf(mixedChecks, true), isStrict: true }).map(([level]) => level)
    expect(levels).toEqual(['error', 'warning', 'warning'])
  })

  test('one warning for a baseline of something else', () => {
    const runs = [ciRun(4, 100, { verdict: valid })]
    const baseline = { path: 'outputs/base', doubts: ['model A there, B here', 'one is INVALID'], pairs: [] }
    const of = (doubts: readonly string[]) =>
      commands({ runs, plannedRuns: 1, gates: { ...gatesOf([gateCheck()]), baseline: { ...baseline, doubts } } })
    expect(of(baseline.doubts)).toEqual([
      ['warning', 'evalscope perf: baseline', 'the baseline is outputs/base; model A there, B here; one is INVALID'],
    ])
    expect(of([]).map(([level]) => level)).toEqual(['notice'])
  })

  test('no more than GitHub shows, the last of them saying how many there are', () => {
    const checks = Array.from({ length: 30 }, () => gateCheck({ verdict: 'failed' }))
    const found = commands({ gates: gatesOf(checks) })
    expect(found.filter(([level]) => level === 'error')).toHaveLength(10)
    expect(found[9]).toEqual(['error', 'evalscope perf', '21 more; the step summary has them all'])
  })

  test('what a server writes starts no command of its own', () => {
    for (const line of annotationLines(hostileReport(`${hostile}\n::add-mask::x`))) {
      expect(line).toMatch(/^::(error|warning) title=/)
      expect(line).not.toMatch(/[\r\n]/)
    }
  })
})

describe('a step summary', () => {
  const limit = 1024 * 1024
  const size = (text: string | undefined): number => Buffer.byteLength(text ?? '')

  test('takes the Markdown as it is, apart from what stands there', () => {
    expect(summaryAddition('# a\n', 0)).toBe('# a\n')
    expect(summaryAddition('# a\n', 10)).toBe('\n\n# a\n')
  })

  test('takes as many whole lines as there is room for, and says so', () => {
    const markdown = '| ü |\n'.repeat(200_000)
    const added = summaryAddition(markdown, 1000)
    expect(size(added)).toBeLessThanOrEqual(limit - 1000)
    expect(size(added)).toBeGreaterThan(limit - 1200)
    expect(added).toMatch(/\| ü \|\n\n_The rest does not fit[^\n]*_\n$/)
  })

  test('is left alone where it is full', () => {
    expect(summaryAddition('# a\n', limit)).toBeUndefined()
    expect(summaryAddition('# a\n', limit + 5)).toBeUndefined()
  })
})
