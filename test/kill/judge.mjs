import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { readDatabase } from './rows.mjs'
import { inputFiles } from './shapes.mjs'

const databaseName = 'benchmark_data.db'
const resultNames = [
  ...['benchmark_args.json', 'benchmark_summary.json', 'benchmark_percentile.json', 'trace_summary.json'],
  ...['workload_throughput.json', 'workload_timeline.json', databaseName],
]
const rootNames = [
  ...['benchmark.log', 'performance_summary.txt', 'definitions.json', 'perf_report.html'],
  ...['performance_metrics.svg', 'performance_metrics.png'],
]
/** What SQLite keeps beside a database that is open, and a killed writer leaves; the next reader takes it away. */
const besideDatabase = ['-wal', '-shm', '-journal', '.lock'].map(suffix => databaseName + suffix)

/** A file on its way to its name: `report` writes it again. */
const unfinished = [...resultNames, ...rootNames].map(name => `.${name}.tmp`)

const filesBelow = directory =>
  readdirSync(directory, { withFileTypes: true, recursive: true }).map(entry => ({
    path: join(entry.parentPath, entry.name),
    isDirectory: entry.isDirectory(),
  }))

const isJsonFile = path => {
  try {
    JSON.parse(readFileSync(path, 'utf8'))
    return true
  } catch {
    return false
  }
}

/** Looks at what a strike has left; the problems are lines of text. */
export const judge = (struck, { shape, blow, lateMs }) => {
  const outputs = join(struck.directory, 'work', 'outputs')
  const files = existsSync(outputs) ? filesBelow(outputs) : []
  const runs = files.filter(({ path }) => basename(path) === databaseName).map(({ path }) => readRun(path))
  const end = endOf(struck)
  const problems = [
    ...runs.flatMap(run => run.problems.map(problem => `${run.name}: ${problem}`)),
    ...exitProblems(struck, blow),
    ...leftovers(struck, files, end),
    ...rowProblems(struck, { shape, runs, end, lateMs }),
    ...(end === 'in order' ? runs.flatMap(run => orderlyProblems(run, shape, struck.code)) : []),
  ]
  return { runs, end, problems, needed: neededIds(struck, end, lateMs).length }
}

const readRun = path => {
  const directory = dirname(path)
  const name = basename(directory)
  try {
    const content = readDatabase(path)
    return { directory, name, content, problems: content?.problems ?? [] }
  } catch (error) {
    return { directory, name, content: undefined, problems: [`the database cannot be read: ${error.message}`] }
  }
}

/** In order: stopped by itself, with all rows and tables; at once: by a second signal; killed: by the system. */
const endOf = ({ code, signal, stderr }) => {
  if (signal !== null) return 'killed'
  if (/left at once/.test(stderr)) return 'at once'
  return code === 0 || code === 130 || code === 143 ? 'in order' : `exit code ${code}`
}

const codes = { SIGINT: 130, SIGTERM: 143 }

const exitProblems = ({ code, signal, sent, lastPhase, stderr, isHung, left }, { signals }) => {
  const arrived = signals.slice(0, sent)
  // Before it listens to signals, and when all is done: then they end it as they end any program.
  const isDone =
    ['tables, files', 'over'].includes(lastPhase) || stderr.includes('stopped before anything was measured')
  const mayDieOf = isDone || lastPhase === 'start-up' ? arrived : ['SIGKILL']
  const problems = []
  if (isHung) problems.push('it did not end')
  if (signal !== null && !(arrived.includes(signal) && mayDieOf.includes(signal))) problems.push(`it died of ${signal}`)
  const allowed = [0, ...arrived.map(each => codes[each])]
  if (signal === null && !allowed.includes(code)) problems.push(`exit code ${code}: ${stderr.slice(-300)}`)
  if (/\n\s+at |this is a bug/.test(stderr)) problems.push(`a stack: ${stderr.slice(-300)}`)
  if (left.length > 0) problems.push(`still alive: ${left.join(' | ')}`)
  return problems
}

const leftovers = ({ directory }, files, end) => {
  const known = new Set([
    ...resultNames,
    ...rootNames,
    ...(end === 'in order' ? [] : [...besideDatabase, ...unfinished]),
  ])
  const unknown = files.filter(
    ({ path, isDirectory }) => !(isDirectory && !path.endsWith('.lock')) && !known.has(basename(path)),
  )
  const outside = readdirSync(join(directory, 'work')).filter(name => name !== 'outputs' && !(name in inputFiles))
  const temporary = readdirSync(join(directory, 'tmp'))
  return [...unknown.map(({ path }) => relative(directory, path)), ...outside, ...temporary].map(
    name => `left: ${name}`,
  )
}

/** Requests that must have a row: all that were sent, or those that had ended long enough before the kill. */
const neededIds = ({ server, signalledMs }, end, lateMs) => {
  if (server === undefined) return []
  const all = [...server.requests]
  const needed = end === 'in order' ? all : all.filter(([, { finishedMs }]) => finishedMs < signalledMs - lateMs)
  return needed.map(([id]) => id)
}

const rowProblems = (struck, { runs, end, lateMs }) => {
  const held = new Set(runs.flatMap(({ content }) => [...(content?.ids.keys() ?? [])]))
  const missing = neededIds(struck, end, lateMs).filter(id => !held.has(id))
  const known = struck.server?.requests
  const unknown = known === undefined ? [] : [...held].filter(id => !known.has(id))
  return [
    ...(missing.length > 0 ? [`${missing.length} rows are missing, such as ${missing[0]} (of ${held.size})`] : []),
    ...(unknown.length > 0 ? [`${unknown.length} rows of requests that never came, such as ${unknown[0]}`] : []),
  ]
}

/** A program that has ended by itself has told all it knew. */
const orderlyProblems = ({ name, directory, content }, { perRun }, code) => {
  const outcome = content?.facts.outcome
  if (outcome === undefined) return [`${name}: no outcome, though it ended in order`]
  const summary = join(directory, 'benchmark_summary.json')
  if (!isJsonFile(summary)) return [`${name}: no benchmark_summary.json, though it ended in order`]
  const shown = JSON.parse(readFileSync(summary, 'utf8')).Interrupted === true
  return [
    ...((outcome.interrupted === false || code === 0) && content.measured !== perRun
      ? [`${name}: complete, with ${content.measured} rows`]
      : []),
    ...(shown === outcome.interrupted
      ? []
      : [`${name}: Interrupted is ${shown}, in the database ${outcome.interrupted}`]),
  ]
}

/** Looks at what `evalscope report` made of the runs. */
export const judgeReport = ({ code, stdout, stderr }, runs) => {
  const shown = runs.filter(({ content }) => (content?.measured ?? 0) > 0)
  const problems = []
  if (/\n\s+at |this is a bug/.test(stderr)) problems.push(`report: a stack: ${stderr.slice(-300)}`)
  if (shown.length === 0) return code === 0 || code === 2 ? problems : [...problems, `report: exit code ${code}`]
  if (code !== 0) return [...problems, `report: exit code ${code}: ${stderr.slice(-300)}`]
  if (!stdout.includes('Benchmarking summary')) problems.push('report: no tables')
  return [...problems, ...shown.flatMap(rebuiltProblems)]
}

const rebuiltProblems = ({ name, directory, content }) => {
  const hasSuccess = [...content.ids.values()].some(success => success === 1)
  const halves = readdirSync(directory).filter(file => unfinished.includes(file))
  if (halves.length > 0) return [`report: ${name} still has ${halves.join(' ')}`]
  const names = ['benchmark_summary.json', 'benchmark_percentile.json']
  if (hasSuccess) names.push('workload_throughput.json', 'workload_timeline.json')
  const broken = names.filter(file => !isJsonFile(join(directory, file)))
  if (broken.length > 0) return [`report: ${name} has no ${broken.join(' ')}`]
  const summary = JSON.parse(readFileSync(join(directory, 'benchmark_summary.json'), 'utf8'))
  const wasInterrupted = content.facts.outcome?.interrupted ?? true
  return [
    ...(summary.Interrupted === wasInterrupted ? [] : [`report: ${name}: Interrupted is ${summary.Interrupted}`]),
    ...(summary['Total Requests'] === content.counted
      ? []
      : [`report: ${name}: ${summary['Total Requests']} requests, ${content.counted} rows`]),
  ]
}
