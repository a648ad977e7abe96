import { parseArgs } from 'node:util'
import { connectionCases } from './connection-cases.mjs'
import { eventCases } from './event-cases.mjs'
import { answerWell } from './pieces.mjs'
import { runConnectionCase, runMixed, runRequestCase, usualGrowthMb } from './runs.mjs'
import { targetCases } from './target-cases.mjs'
import { transportCases } from './transport-cases.mjs'

// npm run test:chaos: every case against the built program, each in a run of its own, and a table of what became of it.
// --short holds all small cases in one run and leaves long ones out; --only has those whose name contains a text.

const { values } = parseArgs({
  options: { short: { type: 'boolean' }, only: { type: 'string' }, jobs: { type: 'string' } },
})
const isAsked = ({ name }) => values.only === undefined || name.includes(values.only)
const isPossible = ({ isPossible = () => true }) => isPossible()

const requestCases = [...transportCases, ...eventCases]
const wellBehaved = { name: 'nothing but good requests', kind: 'ok', harm: answerWell }

/** What is to be run, several at a time: each gives a result. */
const jobs = () => {
  const targets = targetCases.filter(isAsked).filter(isPossible)
  if (values.short) {
    const small = requestCases.filter(({ isLarge, name }) => !isLarge || name === 'an event of 1 GB')
    return [
      () => runMixed(small.filter(isAsked)),
      ...connectionCases
        .filter(({ name }) => shortNames.has(name))
        .map(each => () => runConnectionCase(each, { requests: 8 })),
      ...targets.filter(({ name }) => shortNames.has(name)).map(target => () => runTarget(target)),
    ]
  }
  return [
    ...requestCases.filter(each => isAsked(each) && !each.isLarge).map(each => () => runRequestCase(each)),
    ...connectionCases.filter(isAsked).map(each => () => runConnectionCase(each)),
    ...targets.map(target => () => runTarget(target)),
  ]
}

/** What is to be run alone: while all servers, which are this process, send a gigabyte, none of them answers in time. */
const largeJobs = () =>
  values.short ? [] : requestCases.filter(each => isAsked(each) && each.isLarge).map(each => () => runRequestCase(each))

/** Those of the short form, a run each. */
const shortNames = new Set([
  'reset when it is accepted',
  'an answer before the request, kept alive',
  'TLS: a certificate that has expired',
  'silent at the connection test',
])

const runTarget = async each => ({ each, ...(await each.run()) })

/** Does so many at a time; `onResult` hears of each in order. */
const inParallel = async (list, count, onResult) => {
  const results = new Array(list.length)
  let [next, told] = [0, 0]
  const work = async () => {
    while (next < list.length) {
      const at = next++
      results[at] = await list[at]()
      while (results[told] !== undefined) onResult(results[told++])
    }
  }
  await Promise.all(Array.from({ length: count }, work))
}

const growthOf = ({ peakMb }, base) => (peakMb === undefined ? undefined : Math.max(0, peakMb - base.peakMb))

const withGrowth = (result, base) => {
  const growthMb = growthOf(result, base)
  const mostMb = result.each.growthMb ?? usualGrowthMb
  const problems =
    growthMb > mostMb ? [...result.problems, `${growthMb.toFixed(0)} MB more than usual`] : result.problems
  return { ...result, growthMb, problems }
}

const printRow = ({ each, found, others, tookSec, growthMb, problems }) => {
  const cells = [
    each.name.padEnd(48),
    found.padEnd(34),
    others.padStart(8),
    `${tookSec.toFixed(1)} s`.padStart(7),
    (growthMb === undefined ? '—' : `+${growthMb.toFixed(0)} MB`).padStart(8),
    problems.length === 0 ? 'ok' : 'WRONG',
  ]
  process.stdout.write(`${cells.join('  ')}\n`)
  for (const problem of problems.slice(0, 5)) process.stdout.write(`    ${problem}\n`)
}

const base = await runRequestCase(wellBehaved)
process.stdout.write(
  `${'case'.padEnd(48)}  ${'what became of it'.padEnd(34)}  ${'others'.padStart(8)}  ${'time'.padStart(7)}  ${'memory'.padStart(8)}\n`,
)
printRow(withGrowth(base, base))
let [count, wrong] = [0, 0]
const tell = found => {
  const result = withGrowth(found, base)
  count++
  if (result.problems.length > 0) wrong++
  printRow(result)
}
await inParallel(jobs(), Number(values.jobs ?? (values.short ? 4 : 2)), tell)
await inParallel(largeJobs(), 1, tell)
process.stdout.write(`${count} cases, ${wrong} wrong\n`)
process.exitCode = wrong === 0 && count > 0 ? 0 : 1
