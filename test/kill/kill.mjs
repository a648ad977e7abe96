// Starts the program, ends it at a random moment, and looks at what is left. Repeatable: a kill is named by its number.
// Needs a build. node test/kill/kill.mjs --kills 200 --seed 1 [--late 300] [--jobs 1] [--only 17] [--short]
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { judge, judgeReport } from './judge.mjs'
import { createRandom, logUniformMs, pick } from './random.mjs'
import { anchors, anchorsOf, phases, shapes } from './shapes.mjs'
import { hasReport, report, strike } from './strike.mjs'
import { killTable } from './table.mjs'

/** How a program is ended: by signals, to it alone or to its whole group, as a terminal does. */
const blows = [
  { name: 'SIGKILL', signals: ['SIGKILL'] },
  { name: 'SIGTERM', signals: ['SIGTERM'] },
  { name: 'SIGINT', signals: ['SIGINT'] },
  { name: 'SIGKILL', signals: ['SIGKILL'] },
  { name: 'SIGINT to the group', signals: ['SIGINT'], toGroup: true },
  { name: 'SIGINT twice', signals: ['SIGINT', 'SIGINT'] },
  { name: 'SIGINT, SIGTERM', signals: ['SIGINT', 'SIGTERM'], toGroup: true },
  { name: 'SIGTERM, SIGKILL', signals: ['SIGTERM', 'SIGKILL'] },
].map(blow => ({ toGroup: false, ...blow }))

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    // A row waits 200 ms for its commit; a busy machine adds to it.
    late: { type: 'string', default: '300' },
    jobs: { type: 'string', default: '1' },
    only: { type: 'string' },
    short: { type: 'boolean', default: false },
  },
})

/** Kill number `number`: what is started, how it is ended, and when. */
const planKill = number => {
  const random = createRandom(Number(values.seed) * 100_003 + number)
  const usable = shapes.filter(({ isLong }) => !(isLong && values.short))
  // Every pair of shape and blow comes, since their counts have few common factors.
  const shape = usable[number % usable.length]
  const blow = blows[(number + Math.floor(number / blows.length)) % blows.length]
  const anchor = pick(random, anchorsOf(shape))
  const delayMs = logUniformMs(random, anchors[anchor].spanMs)
  return { number, shape, blow, anchor, delayMs, gapMs: logUniformMs(random, [1, 800]) }
}

const runKill = async (plan, root, reports) => {
  const directory = join(root, `${plan.number}`)
  const struck = await strike({ ...plan, directory })
  const judged = judge(struck, { ...plan, lateMs: Number(values.late) })
  const problems = [...judged.problems]
  if (reports && judged.runs.length > 0) {
    const [started] = readdirSync(join(directory, 'work', 'outputs'))
    const parent = join(directory, 'work', 'outputs', started)
    const rebuilt = await report(join(parent, readdirSync(parent)[0]), plan.shape, directory)
    problems.push(...judgeReport(rebuilt, judged.runs))
    if (readdirSync(join(directory, 'tmp')).length > 0) problems.push('report: left temporary files')
  }
  const rows = judged.runs.reduce((sum, { content }) => sum + (content?.ids.size ?? 0), 0)
  if (problems.length === 0) rmSync(directory, { recursive: true, force: true })
  return { ...plan, phase: struck.phase, end: judged.end, rows, needed: judged.needed, problems, directory }
}

const tellProblems = ({ number, shape, blow, anchor, delayMs, phase, problems, directory }) => {
  if (problems.length === 0) return
  const when = `${delayMs.toFixed(1)} ms after ${anchor} (${phase})`
  process.stdout.write(`kill ${number}, ${shape.name}, ${blow.name}, ${when}; kept in ${directory}:\n`)
  for (const problem of problems.slice(0, 5)) process.stdout.write(`  ${problem}\n`)
}

const root = mkdtempSync(join(tmpdir(), 'evalscope-kills-'))
const startedMs = performance.now()
const reports = await hasReport()
const numbers =
  values.only === undefined ? Array.from({ length: Number(values.kills) }, (_, at) => at) : [Number(values.only)]
const kills = []
const work = async () => {
  for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
    const kill = await runKill(planKill(number), root, reports)
    kills.push(kill)
    tellProblems(kill)
  }
}
await Promise.all(Array.from({ length: Number(values.jobs) }, work))
process.stdout.write(`${killTable(kills, phases)}\n`)
const failed = kills.filter(({ problems }) => problems.length > 0).length
const tookSec = ((performance.now() - startedMs) / 1000).toFixed(0)
const reported = reports ? 'each reported again' : 'evalscope report does not exist yet'
process.stdout.write(
  `${kills.length} kills in ${tookSec} s, seed ${values.seed}, ${reported}; ${failed} with problems\n`,
)
if (failed === 0 && existsSync(root)) rmSync(root, { recursive: true, force: true })
process.exitCode = failed === 0 ? 0 : 1
