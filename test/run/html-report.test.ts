import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeOwnPage, writePage } from '../../src/run/html-report.ts'
import { manyRecords, reportedOf } from '../report/html/reported.ts'
import { temporaryDirectory } from '../store/records.ts'

const runs = [reportedOf(manyRecords(5))]

describe('the page of a benchmark', () => {
  test('leaves that of an earlier one in the directory as it is', async () => {
    const directory = temporaryDirectory()
    const context = { outputPath: directory, plannedRuns: 1, say: (line: string) => expect.unreachable(line) }
    const paths = [await writeOwnPage(directory, runs, context), await writeOwnPage(directory, runs, context)]
    expect(paths).toEqual(['perf_report.html', 'perf_report_2.html'].map(name => join(directory, name)))
    expect(readdirSync(directory).sort()).toEqual(['perf_report.html', 'perf_report_2.html'])
  })

  test.each([
    [
      'there is no room for it',
      'gone',
      runs,
      /^perf_report\.html is not written: cannot write .*gone\/perf_report\.html: /,
    ],
    [
      'its requests cannot be read',
      '',
      [
        reportedOf(manyRecords(5), undefined, {
          // biome-ignore lint/correctness/useYield: it fails before the first.
          async *records() {
            throw new Error('the disk is gone')
          },
        }),
      ],
      /^perf_report\.html is not written: the disk is gone$/,
    ],
  ])('costs one line where %s', async (_, below, given, line) => {
    const directory = temporaryDirectory()
    const lines: string[] = []
    const context = { outputPath: directory, plannedRuns: 1, say: (text: string) => lines.push(text) }
    expect(await writePage(join(directory, below), given, context)).toBeUndefined()
    expect(lines).toEqual([expect.stringMatching(line)])
    expect(readdirSync(directory)).toEqual([])
  })
})
