import { expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import { readStoredRun } from '../../src/run/stored-run.ts'
import { planOf, resultOf } from '../report/results.ts'
import { k01Records } from '../stats/records.ts'
import { temporaryDirectory } from '../store/records.ts'
import { makeRun, type Run } from './make-run.ts'

const plan = planOf(2, 5)

const read = async (run: Run) =>
  readStoredRun(await makeRun(temporaryDirectory(), 'one', run), { say: () => undefined })

test.each<[string, Run, string | undefined]>([
  [
    'killed',
    { facts: { outcome: undefined } },
    'The database holds 5 of 40 requests; what was under way is not known.',
  ],
  [
    'damaged',
    { change: 'UPDATE result SET completed_time = 0 WHERE rowid = 1' },
    'The database holds 4 of 40 requests that can be read; what became of the others is not known.',
  ],
  ['over', {}, 'Only 5 of 40 requests were sent.'],
])('a run that lacks requests does not tell what was sent: %s', async (_, { facts, change = '' }, note) => {
  const { run } = await read({ change, facts: { ...facts, plan: { ...planOf(2, 40), name: 'one' } } })
  expect(run.result.notes.filter(text => text.includes(' of 40 requests'))).toEqual([note])
})

test('a run without an outcome takes no chunks for tokens that a tokenizer was to count', async () => {
  const records = k01Records.map(record => ({ ...record, tokenSource: 'chunks' as const }))
  const withTokenizer = { ...plan, name: 'one', dataset: { ...plan.dataset, tokenizerPath: 'tokenizer' } }
  const meanOf = async (facts: Readonly<Record<string, unknown>>) => {
    const { run } = await read({ records, facts })
    const rows: RequestRecord[] = []
    const tokens: (number | undefined)[] = []
    for await (const record of run.records()) rows.push(record)
    for await (const { outputTokens } of run.times()) tokens.push(outputTokens)
    expect(tokens).toEqual(rows.map(({ outputTokens }) => outputTokens))
    const notes = run.result.notes.filter(text => text.includes('token count') || text.includes('chunks, not'))
    return { mean: run.result.summary.meanOutputTokens, counted: rows.some(row => row.outputTokens), notes }
  }
  const killed = await meanOf({ outcome: undefined, plan: withTokenizer })
  expect(killed).toMatchObject({ mean: undefined, counted: false })
  expect(killed.notes).toEqual([
    expect.stringMatching(/^No token count for .*: the tokenizer had not counted yet when the run ended\.$/),
  ])
  for (const facts of [{ outcome: undefined }, { plan: withTokenizer }]) {
    const { mean, counted, notes } = await meanOf(facts)
    expect({ isKnown: mean !== undefined, counted, notes }).toMatchObject({
      isKnown: true,
      counted: true,
      notes: [expect.stringMatching(/are chunks, not tokens/)],
    })
  }
})

test('a run that is under way holds so many requests so far', () => {
  const { notes } = resultOf(planOf(2, 40), k01Records, { interrupted: true, incomplete: 'under way' })
  expect(notes).toContain('The database holds 5 of 40 requests so far; what is under way is not in it.')
})
