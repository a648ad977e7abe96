import { describe, expect, test } from 'vitest'
import type { RequestRecord, TokenSource } from '../../src/model/record.ts'
import type { TokenFindings } from '../../src/model/token-findings.ts'
import { summaryJson } from '../../src/report/json.ts'
import { runReport } from '../../src/report/run-report.ts'
import { summaryTable } from '../../src/report/summary-table.ts'
import { usageTable } from '../../src/report/usage-table.ts'
import { embedded, streamed } from '../stats/records.ts'
import { embeddingPlan, planOf, resultOf, someFindings } from './results.ts'

const record = streamed({ start: 0, end: 1, ttft: 0.3, gaps: [0.1, 0.1], input: 100, output: 3 })
const withFindings = (tokens: TokenFindings | undefined) =>
  resultOf(planOf(1, 1), [record], { interrupted: false, tokens })

describe('usage against the tokenizer', () => {
  test('is a table of its own, in which agreement has no worst request', async () => {
    await expect(`${usageTable(someFindings)}\n`).toMatchFileSnapshot('golden/usage-against-tokenizer.txt')
    const report = runReport(withFindings(someFindings), { dbPath: 'x', columns: undefined })
    expect(report).toContain(`Usage against tokenizer:\n${usageTable(someFindings)}\n\nVerdict:`)
  })

  test('has no table where nothing was compared', () => {
    const nothing = { ...someFindings, input: undefined, output: undefined }
    for (const tokens of [nothing, undefined]) {
      expect(runReport(withFindings(tokens), { dbPath: 'x', columns: undefined })).not.toContain('Usage against')
    }
  })

  test('is in the JSON where there is any', () => {
    expect(summaryJson(withFindings({ ...someFindings, output: undefined }))).toMatchObject({
      'Usage vs Tokenizer': {
        Input: {
          Requests: 1000,
          'Avg Usage': 52,
          'Avg Tokenizer': 31.04,
          'Difference (%)': 67.52577,
          'Constant Difference': null,
          'Worst Request': { Id: '0321f248-14-1', Usage: 35, Tokenizer: 14 },
        },
        Output: null,
      },
      'Chat Template': { Requests: 1000, 'Avg Prompt Tokens': 31.04, 'Avg Text Tokens': 22.04 },
    })
    expect(summaryJson(withFindings(someFindings))).toMatchObject({
      'Usage vs Tokenizer': { Output: { 'Constant Difference': 0, 'Worst Request': null } },
    })
    const keys = Object.keys(summaryJson(withFindings(undefined)))
    expect(keys.filter(key => /Tokenizer|Template/.test(key))).toEqual([])
  })
})

describe('where tokens are counted', () => {
  const sourceRows = (records: readonly RequestRecord[], plan = planOf(1, records.length)): string[] =>
    [...summaryTable(resultOf(plan, records)).matchAll(/│ ((?:Not )?Counted.*?) +│ +(.*?) │/g)].map(
      ([, label, value]) => `${label}: ${value}`,
    )
  const from = (tokenSource: TokenSource | undefined) => ({ ...record, tokenSource })

  test('is shown unless the server counts all', () => {
    expect(sourceRows([record, record])).toEqual([])
    expect(sourceRows([])).toEqual([])
  })

  test('has a row for each that there is, with its share', () => {
    const one = [from('usage'), from('tokenizer'), from('chunks'), from(undefined)]
    expect(sourceRows([...one, from('chunks'), from('chunks')])).toEqual([
      'Counted by Server: 1 (16.7%)',
      'Counted by Tokenizer: 1 (16.7%)',
      'Counted as Chunks: 3 (50%)',
      'Not Counted: 1 (16.7%)',
    ])
    expect(sourceRows([from('chunks')])).toEqual(['Counted as Chunks: 1 (100%)'])
  })

  test('is of prompts where answers have no tokens', () => {
    const counted = embedded({ start: 0, end: 1, input: 5 })
    expect(sourceRows([counted, embedded({ start: 1, end: 2 })], embeddingPlan(1, 2))).toEqual([
      'Counted by Server: 1 (50%)',
      'Not Counted: 1 (50%)',
    ])
  })
})
