import { describe, expect, test } from 'vitest'
import { TargetUnreachableError } from '../../../src/errors.ts'
import { slaSearchJson } from '../../../src/report/sla/sla-json.ts'
import { slaReport } from '../../../src/report/sla/sla-report.ts'
import { linear, once, type Server, searchOn } from './imagined-server.ts'

describe('what is known is told', () => {
  test('when the runs of the answer prove nothing', async () => {
    const slaParams = '{"avg_ttft": "<=300"}'
    const { outcome } = await searchOn({ ...linear, cutsOff: true }, { ...once, slaParams, slaUpperBound: 1 })
    const text = slaReport(outcome)
    expect(text).toContain('│ Satisfied at upper bound (1) by INVALID runs; no other │')
    expect(text).toContain('Throughput is best at --parallel 1, 2 tok/s by INVALID runs, as all are; ')
    expect(text).toContain('avg_ttft 1 ms, by INVALID runs (requests cut off); this is the upper bound')
    expect(text.replaceAll('\n', ' ')).toContain(
      'is --parallel 1, the upper bound: more was not tried (by INVALID runs; no other); ',
    )
  })

  test('when another value has runs that prove something', async () => {
    const slaParams = '{"avg_ttft": "<=6"}'
    const { outcome, found } = await searchOn({ ...linear, cutsOff: 4 }, { ...once, slaParams })
    expect(found).toEqual([6])
    const text = slaReport(outcome)
    expect(text).toContain('│ Satisfied by INVALID runs; 4 is the highest by others │')
    expect(text.replaceAll('\n', ' ')).toContain(
      'the last value that keeps avg_ttft <= 6.0 is --parallel 6 (by INVALID runs; 4 is the highest by others)',
    )
  })

  test('by one verdict a value, that of all its runs, also where a later group had it measured again', async () => {
    // The run that the second group asks for is cut off.
    const server: Server = { ...linear, cutsOff: 3 }
    const slaParams = '[{"avg_ttft": "<=3"}, {"avg_latency": "<=2"}]'
    const { outcome } = await searchOn(server, { ...once, slaParams, slaUpperBound: 4 })
    for (const { steps } of outcome.answers) {
      for (const { value, verdict } of steps) {
        expect(verdict).toBe(outcome.points.find(point => point.value === value)?.result.verdict)
      }
    }
  })

  test('when throughput is highest by runs that prove nothing, the best of the others is named', async () => {
    const { outcome } = await searchOn(
      { answer: () => ({ ttft: 0.01, latency: 1 }), cutsOff: 4 },
      { ...once, slaParams: '{"avg_ttft": "<=300"}', slaUpperBound: 8 },
    )
    expect(slaReport(outcome)).toContain('Throughput is best at --parallel 4, 8 tok/s; ')
    expect(slaSearchJson(outcome)).toMatchObject({ best_throughput: 4 })
  })

  test('when success is what ends it', async () => {
    const failing: Server = { answer: load => ({ ttft: 0.01, latency: 1, fails: load > 5 }) }
    const params = { ...once, slaParams: '{"avg_ttft": "<=300"}' }
    const { outcome, found } = await searchOn(
      { answer: (load, nth) => ({ ttft: 0.01, latency: 1, fails: load > 5 && nth === 0 }) },
      params,
    )
    expect(found).toEqual([5])
    const text = slaReport(outcome).replaceAll('\n', ' ')
    expect(text).toContain('the last value before requests fail (at 6 success 91.7%, below 99.9%) is --parallel 5; ')
    expect(text).not.toContain('that keeps avg_ttft')
    const none = await searchOn(failing, { ...params, slaLowerBound: 6, parallel: 6 })
    expect(slaReport(none.outcome)).toContain('│ Failed at lower bound (6): success 0%, below 99.9% │')
  })

  test('at the lower bound, with the reason', async () => {
    const unlucky: Server = { answer: (_, nth) => ({ ttft: 0.01, latency: 1, fails: nth === 0 }) }
    const params = { ...once, slaParams: '{"avg_ttft": "<=300"}', slaNumberMultiplier: 4 }
    const byFailures = slaReport((await searchOn(unlucky, params)).outcome).replaceAll('\n', ' ')
    expect(byFailures).toContain('│ Failed at lower bound (1): success 75%, below 99.9% │')
    expect(byFailures).toContain('at no value down to --parallel 1 do 99.9% of requests succeed (there success 75%')
    const bySlowness = slaReport((await searchOn(linear, { ...params, slaParams: '{"avg_ttft": "<1"}' })).outcome)
    expect(bySlowness).toContain('│ Failed at lower bound (1) │')
    expect(bySlowness).toContain('no value down to --parallel 1 keeps avg_ttft < 1.0 (there avg_ttft 1 ms)')
  })

  test('when it is stopped before anything is known', async () => {
    const { outcome } = await searchOn({ ...linear, stoppedIn: 1 }, { ...once, slaParams: '{"avg_ttft": "<=5"}' })
    const text = slaReport(outcome).replaceAll('\n', ' ')
    expect(text).not.toMatch(/throughput is best|queue/i)
    expect(text).toContain('Whether any value keeps avg_ttft <= 5.0 is not known, as the search was cut short.')
    expect(slaSearchJson(outcome)).toMatchObject({ best_throughput: null, queue_starts: null })
  })

  test('when the server is gone', async () => {
    const params = { ...once, slaParams: '{"avg_latency": "<=50"}', parallel: 2 }
    const { outcome, found, problem, visits } = await searchOn({ ...linear, goneFrom: 3 }, params)
    expect(visits).toEqual([[2, 4]])
    expect(found).toEqual([4])
    expect(outcome.answers[0]?.isWhole).toBe(false)
    expect(problem).toBeInstanceOf(TargetUnreachableError)
    expect(problem?.message).toMatch(/^the server was gone at --parallel 8 \(.*\); 4 is the last value measured before/)
    const text = slaReport(outcome).replaceAll(/\n +/g, ' ').replaceAll('\n', ' ')
    expect(text).toContain('│ Satisfied, cut short │')
    expect(text).toContain('at 8 the server was gone')
    expect(text).toContain('is --parallel 4 so far, as the server was gone; ')
    expect(text).toContain('at --parallel 8 the server was gone: 4 is the last value measured before that.')
    const first = await searchOn({ ...linear, goneFrom: 1 }, params)
    expect(first.problem?.message).toContain('nothing was measured before that')
    const again = await searchOn({ ...linear, goneFrom: 4 }, { ...params, slaParams: '{"avg_latency": "<=5"}' })
    expect(again.problem?.message).toContain('gone at --parallel 8 (')
    expect(again.problem?.message).toContain('4 is the last value measured before')
  })

  test('when it is stopped in the middle', async () => {
    const { outcome, found } = await searchOn(
      { ...linear, stoppedIn: 4 },
      { ...once, slaParams: '[{"avg_latency": "<=5"}, {"tps": "max"}]', parallel: 2 },
    )
    expect(found).toEqual([4, undefined])
    expect(outcome.hasPassed).toBe(false)
    const text = slaReport(outcome)
    expect(text).toMatch(/avg_latency <= 5\.0 +│ parallel │ +4 │ Satisfied, cut short/)
    expect(text).toContain('here the search was cut short')
    expect(text).toMatch(/tps -> max +│ parallel │ +None │ Cut short/)
    expect(text.replaceAll('\n', ' ')).toContain('the last value that keeps avg_latency <= 5.0 is --parallel 4 so far')
    expect(text.replaceAll('\n', ' ')).toMatch(/Throughput is best at --parallel \d so far, /)
    expect(text.split('\n').filter(line => line.length > 120)).toEqual([])
    for (const columns of [60, 72, 80, 100]) {
      expect(
        slaReport(outcome, columns)
          .split('\n')
          .filter(line => line.length > columns),
      ).toEqual([])
    }
  })

  test('when a run breaks', async () => {
    const broken = { ...linear, throwsIn: 3 }
    const { found, problem } = await searchOn(broken, { ...once, slaParams: '{"avg_latency": "<=5"}', parallel: 2 })
    expect(found).toEqual([4])
    expect(problem?.message).toBe('the disk is gone')
    await expect(searchOn({ ...linear, throwsIn: 1 }, { slaParams: '{"tps": "max"}' })).rejects.toThrow('the disk is')
  })
})

test('the report says the way in words', async () => {
  const server: Server = {
    answer: load => ({ ttft: load <= 6 ? 0.02 : 0.02 + (load - 6) / 20, latency: load <= 6 ? 0.5 : load / 12 }),
  }
  const { outcome, said } = await searchOn(server, { ...once, slaParams: '{"avg_ttft": "<= 30"}', parallel: 2 })
  expect(slaReport(outcome).split('\n')).toEqual([
    'SLA Auto-tune Summary:',
    '┌──────────────────┬──────────┬───────────────┬───────────┐',
    '│ Criteria         │ Variable │ Max Satisfied │ Note      │',
    '├──────────────────┼──────────┼───────────────┼───────────┤',
    '│ avg_ttft <= 30.0 │ parallel │             6 │ Satisfied │',
    '└──────────────────┴──────────┴───────────────┴───────────┘',
    '',
    'The path of avg_ttft <= 30.0 (in ms), --parallel from 1 to 64:',
    '  • --parallel 2 is within: avg_ttft 20 ms; next 4, twice as much',
    '  • --parallel 4 is within: avg_ttft 20 ms; next 8, twice as much',
    '  • --parallel 8 is not within: avg_ttft 120 ms, also when repeated; next 6, between 4 and 8',
    '  • --parallel 6 is within: avg_ttft 20 ms; next 7, between 6 and 8',
    '  • --parallel 7 is not within: avg_ttft 70 ms, also when repeated; nothing is left between 6 and 7',
    '',
    'Throughput is best at --parallel 6, 24 tok/s; the last value that keeps avg_ttft <= 30.0 is --parallel 6; the queue',
    'starts between 6 and 7, where the mean TTFT goes from 20 to 70 ms.',
  ])
  expect(said).toContain('SLA search: --parallel 6, between 4, which is within, and 8, which is not')
  expect(said).toContain('SLA search: --parallel 8 is not within: avg_ttft 120 ms; measured once more')
})
