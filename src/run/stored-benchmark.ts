import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { ArgumentsError, reasonOf, UserError } from '../errors.ts'
import { plainText } from '../plain-text.ts'
import { databaseName } from './output-directory.ts'
import { type ReadRun, readStoredRun, type StoredRun, type StoredRunOptions } from './stored-run.ts'

/** The runs of a benchmark as their databases tell of them. */
export interface StoredBenchmark {
  /** Where it stands: as `perf` was told it, if that is still there, or else from the root. */
  readonly outputPath: string
  /** All of its runs that can be read, or the one that was asked for, in the order in which they were made. */
  readonly runs: readonly StoredRun[]
  /** How many of its runs cannot be read. */
  readonly lostRuns: number
  /** How many runs were to be made. */
  readonly plannedRuns: number
  /** One run was asked for, by its directory or database: the benchmark may have more. */
  readonly isOneRun: boolean
  /** The runs are of several benchmarks, which went into one directory. */
  readonly isMixed: boolean
}

/**
 * Reads the results of a benchmark out of its databases: of all runs in a directory, or of one run, whose directory or
 * database may be given. It writes nothing, and harms no run that is under way. Lines on what cannot be read go to `say`;
 * throws an ArgumentsError where nothing can.
 */
export const readResults = async (
  path: string,
  { say = () => undefined, ...options }: Partial<StoredRunOptions> = {},
): Promise<StoredBenchmark> => {
  const { databases, withoutDatabase, isOneRun } = findDatabases(path)
  const lost = createLostLines(say)
  for (const name of withoutDatabase) lost.add(`${name}: there is no ${databaseName}`)
  const found: ReadRun[] = []
  for (const database of databases) {
    const name = basename(dirname(resolve(database)))
    const sayOfRun = (line: string): void => say(oneLine(`${name}: ${line}`))
    try {
      found.push(await readStoredRun(database, { ...options, say: sayOfRun }))
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      if (isOneRun) throw new ArgumentsError(oneLine(error.message), { cause: error })
      lost.add(`${name}: ${error.message}`)
    }
  }
  lost.end()
  if (found.length === 0) throw new ArgumentsError(`${path} holds no run that can be read; ${whatToGive}`)
  const runs = found.sort(byStart)
  return {
    outputPath: outputPathOf(runs[0] as ReadRun),
    runs: runs.map(({ run }) => run),
    lostRuns: databases.length - runs.length + withoutDatabase.length,
    plannedRuns: isOneRun ? 1 : plannedRunsOf(runs),
    isOneRun,
    isMixed: new Set(runs.map(({ facts }) => facts.benchmarkStartedAt)).size > 1,
  }
}

/** The first lines on runs that cannot be read, and how many more there were: a directory may hold others' databases. */
const createLostLines = (say: (line: string) => void) => {
  let count = 0
  return {
    add: (line: string): void => {
      count++
      if (count <= mostLostLines) say(oneLine(line))
    },
    end: (): void => {
      const more = count - mostLostLines
      if (more > 0) say(`${more} more run${more === 1 ? '' : 's'} cannot be read`)
    },
  }
}

const mostLostLines = 3

const whatToGive = `give the directory of a benchmark or of one of its runs, or a ${databaseName}`

/** Databases quote what they hold. */
const oneLine = (text: string): string => {
  const plain = plainText(text)
  return plain.length > 500 ? `${plain.slice(0, 499)}…` : plain
}

interface Found {
  readonly databases: readonly string[]
  /** Names of directories of runs that lack theirs. */
  readonly withoutDatabase: readonly string[]
  readonly isOneRun: boolean
}

/** A database; or the one in a directory; or those in the directories below, or in those of the one benchmark there. */
export const findDatabases = (path: string): Found => {
  const own = isFile(path) ? path : join(path, databaseName)
  const directories = own === path ? [] : namesIn(path).map(name => join(path, name))
  if (isFile(own)) return { databases: [own], withoutDatabase: [], isOneRun: true }
  const databases = directories.map(directory => join(directory, databaseName)).filter(isFile)
  if (databases.length > 0) {
    const withoutDatabase = directories.filter(isRunWithoutDatabase).map(directory => basename(directory))
    return { databases, withoutDatabase, isOneRun: false }
  }
  const benchmarks = directories.flatMap(benchmarksAt)
  const latest = benchmarks.at(-1)
  if (latest === undefined) throw new ArgumentsError(`${path} holds no ${databaseName}; ${whatToGive}`)
  if (benchmarks.length === 1) return findDatabases(latest)
  throw new ArgumentsError(
    oneLine(`${path} holds ${benchmarks.length} benchmarks; give one of them, such as ${latest}`),
  )
}

/** A directory of a benchmark, or those in a directory whose name is a time. */
const benchmarksAt = (directory: string): readonly string[] => {
  if (holdsRuns(directory)) return [directory]
  try {
    const below = readdirSync(directory).sort()
    return below.map(name => join(directory, name)).filter(holdsRuns)
  } catch {
    return []
  }
}

const holdsRuns = (directory: string): boolean => {
  try {
    return readdirSync(directory).some(name => isFile(join(directory, name, databaseName)))
  } catch {
    return false
  }
}

const isRunWithoutDatabase = (directory: string): boolean =>
  existsSync(join(directory, 'benchmark_args.json')) && !isFile(join(directory, databaseName))

const namesIn = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory).sort()
  } catch (error) {
    throw new ArgumentsError(oneLine(`cannot read ${directory}: ${reasonOf(error)}; ${whatToGive}`), { cause: error })
  }
}

const isFile = (path: string): boolean => {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Those that do not tell come last. */
const byStart = (a: ReadRun, b: ReadRun): number =>
  compare(a.run.startedAt ?? '\uffff', b.run.startedAt ?? '\uffff') || compare(a.run.directory, b.run.directory)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Several benchmarks may have gone into one directory. */
const plannedRunsOf = (runs: readonly ReadRun[]): number => {
  const planned = new Map(runs.map(({ facts }) => [facts.benchmarkStartedAt, facts.plannedRuns ?? 0]))
  const sum = [...planned.values()].reduce((all, count) => all + count, 0)
  return Math.max(sum, runs.length)
}

const outputPathOf = ({ run, facts }: ReadRun): string => {
  const directory = dirname(run.directory)
  const { outputPath } = facts
  return outputPath !== undefined && isSamePlace(outputPath, directory) ? outputPath : directory
}

const isSamePlace = (path: string, other: string): boolean => {
  try {
    return realpathSync(path) === realpathSync(other)
  } catch {
    return false
  }
}
