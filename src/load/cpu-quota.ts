import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** The text of a file; `undefined` where it cannot be read. */
export type TextReader = (path: string) => string | undefined

/** What says how much CPU this process may use. */
export interface CpuFacts {
  readonly readText: TextReader
  readonly parallelism: () => number
}

/** Reads a file of this machine. */
export const readTextFile: TextReader = path => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

const thisMachine: CpuFacts = { readText: readTextFile, parallelism: availableParallelism }

/**
 * Whether a wait may spin through its last part: with one core or a quota of one it would take the time of the answers
 * that arrive meanwhile, or use up the quota and be stopped for the rest of the period. Reads files: once per run.
 */
export const maySpin = ({ readText, parallelism }: CpuFacts = thisMachine): boolean =>
  parallelism() > 1 && (cpuQuotaCores(readText) ?? Number.POSITIVE_INFINITY) > 1

/** Cores that this process may use at the same time: those it may run on, less what its quota takes. */
export const usableCores = ({ readText, parallelism }: CpuFacts = thisMachine): number =>
  Math.max(1, Math.min(parallelism(), Math.floor(cpuQuotaCores(readText) ?? Number.POSITIVE_INFINITY)))

/** The CPU quota in cores, the least of this process's cgroup and those above it; `undefined` without one. */
export const cpuQuotaCores = (readText: TextReader): number | undefined => {
  const quotas = cpuGroups(readText).flatMap(({ version, directory }) =>
    version === 2 ? quotaV2(directory, readText) : quotaV1(directory, readText),
  )
  return quotas.length > 0 ? Math.min(...quotas) : undefined
}

/** Where a cgroup that may bound this process's CPU would be found. */
export interface CpuGroup {
  readonly version: 1 | 2
  readonly directory: string
}

/** This process's cgroup and those above it; some directories may not be there, two may be the same one. */
export const cpuGroups = (readText: TextReader): readonly CpuGroup[] => {
  // Without the file, as where /proc is hidden, there may still be the quota of a whole container.
  const groups = readText('/proc/self/cgroup') ?? '0::/'
  return groups.split('\n').flatMap(line => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) return []
    return withAncestors(path).flatMap(group => placesOf(controllers, group))
  })
}

/** No controllers name the one hierarchy of version 2; version 1 has one for each of its lines. */
const placesOf = (controllers: string, group: string): readonly CpuGroup[] => {
  if (controllers === '') return [{ version: 2, directory: `/sys/fs/cgroup${group}` }]
  if (!controllers.split(',').includes('cpu')) return []
  const mounts = [...new Set([controllers, 'cpu'])]
  return mounts.map(mount => ({ version: 1, directory: `/sys/fs/cgroup/${mount}${group}` }))
}

/** A quota in cores, if there is one. */
type QuotaReader = (directory: string, readText: TextReader) => readonly number[]

/** `max 100000` or `50000 100000`: quota and period in µs. */
const quotaV2: QuotaReader = (directory, readText) => {
  const [quotaUs, periodUs] = (readText(`${directory}/cpu.max`) ?? '').trim().split(' ')
  return coresOf(Number(quotaUs), Number(periodUs))
}

/** A quota of -1 is none. */
const quotaV1: QuotaReader = (directory, readText) =>
  coresOf(Number(readText(`${directory}/cpu.cfs_quota_us`)), Number(readText(`${directory}/cpu.cfs_period_us`)))

const coresOf = (quotaUs: number, periodUs: number): readonly number[] =>
  quotaUs > 0 && periodUs > 0 ? [quotaUs / periodUs] : []

/**
 * `/a/b`, `/a` and the root, which is the empty text: each may have a quota. In a container the path may be that of the
 * host, of which only the root is to be seen.
 */
const withAncestors = (path: string): readonly string[] => {
  const names = path.split('/').filter(name => name !== '')
  return Array.from({ length: names.length + 1 }, (_, dropped) =>
    names
      .slice(0, names.length - dropped)
      .map(name => `/${name}`)
      .join(''),
  )
}
