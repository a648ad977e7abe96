import { startChaosServer } from './chaos-server.mjs'
import { harmTo, kindOf, patience, promptOf, tally, wrongIn, wrongWith } from './judge.mjs'
import { runCli } from './run-cli.mjs'

/** Short limits, so that each case is over soon: 4 s is usually the longest that one request may take. */
const limits = ['--connect-timeout', String(patience), '--read-timeout', '1.5', '--total-timeout', '4']
const usual = ['--no-test-connection', '--max-prompt-length', '10000000', '--sleep-interval', '0', ...limits]
/** A gigabyte takes its time, on a busy machine more of it. */
const unhurried = ['--read-timeout', '10', '--total-timeout', '40']
/** From the start of the program to its end, when no request takes longer than that. */
const longestRunSec = 15 * patience
const longestLargeSec = 60 * patience
/** More memory than a run of good requests alone may be alive. */
export const usualGrowthMb = 64

/** Half of the requests of a run are harmed in the way of one case. */
export const runRequestCase = async (each, { perCase = 6 } = {}) => {
  const count = each.isLarge ? 2 : perCase
  const prompts = Array.from({ length: 2 * count }, (_, index) => (index % 2 === 0 ? `bad 0` : `good ${index}`))
  const server = await startChaosServer({ cases: [each] })
  const flags = ['--url', `http://127.0.0.1:${server.port}`, '--parallel', '4', ...usual]
  const run = await runCli(prompts, each.isLarge ? [...flags, ...unhurried] : flags)
  await server.close()
  return judged(each, run)
}

/** One run in which every case has a request, and as many are good. */
export const runMixed = async cases => {
  const prompts = cases.flatMap((_, index) => [`bad ${index}`, `good ${index}`])
  const server = await startChaosServer({ cases })
  const run = await runCli(prompts, ['--url', `http://127.0.0.1:${server.port}`, '--parallel', '16', ...usual])
  await server.close()
  const all = { name: `${cases.length} cases in one run`, growthMb: 256 }
  return judged(all, run, row => cases[Number(promptOf(row).split(' ')[1])])
}

const judged = (each, run, caseOf = () => each) => {
  const { rows, tookSec, peakMb } = run
  const bad = rows.filter(row => promptOf(row).startsWith('bad'))
  const good = rows.filter(row => promptOf(row).startsWith('good'))
  const problems = [
    ...wrongWith(run, [0]),
    ...(tookSec > (each.isLarge ? longestLargeSec : longestRunSec) ? [`it took ${tookSec.toFixed(1)} s`] : []),
    ...(bad.length === 0 || bad.length !== good.length ? [`${bad.length} bad rows and ${good.length} good ones`] : []),
    ...good.map(harmTo),
    ...bad.map(row => problemIn(row, caseOf(row))),
  ].filter(problem => problem !== undefined)
  const others = `${good.filter(row => harmTo(row) === undefined).length} of ${good.length}`
  return { each, found: tally(bad), others, tookSec, peakMb, problems }
}

const problemIn = (row, each) => {
  const wrong = wrongIn(row, each)
  return wrong && `${each.name}: ${wrong}`
}

/** Every second connection is harmed; each request has one of its own, unless the case keeps them. */
export const runConnectionCase = async (each, { requests = 12 } = {}) => {
  const server = await startChaosServer({ accept: each.accept() })
  const padding = 'x'.repeat(each.promptChars ?? 0)
  const prompts = Array.from({ length: requests }, (_, index) => `good ${index}${padding}`)
  const url = `${each.scheme ?? 'http'}://127.0.0.1:${server.port}`
  const own = each.keepsAlive ? [] : ['--no-keepalive']
  const run = await runCli(prompts, ['--url', url, '--parallel', '4', ...own, ...usual])
  await server.close()
  const { rows, tookSec, peakMb } = run
  const isHarmed = row => kindOf(row) !== 'ok'
  const unharmed = rows.filter(row => !isHarmed(row))
  const problems = [
    ...wrongWith(run, [0]),
    ...(tookSec > longestRunSec ? [`it took ${tookSec.toFixed(1)} s`] : []),
    ...rows.filter(isHarmed).map(row => problemIn(row, { ...each, kind: each.kinds })),
    ...unharmed.map(row => (each.kinds.includes('ok') ? undefined : harmTo(row))),
    ...(rows.length === requests ? [] : [`${rows.length} rows of ${requests} requests`]),
    ...(unharmed.length < requests / 3 ? [`only ${unharmed.length} requests came through`] : []),
    ...(each.kinds.includes('ok') || rows.some(isHarmed) ? [] : ['no request was harmed']),
  ].filter(problem => problem !== undefined)
  return {
    each,
    found: tally(rows.filter(isHarmed)),
    others: `${unharmed.length} of ${rows.length}`,
    tookSec,
    peakMb,
    problems,
  }
}
