import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** The text of a file; `undefined` where it cannot be read. */
export type TextReader = (path: string) => string | undefined

/** What says how much CPU this process may use. */
export interface CpuFacts {
  readonly readText: TextReader
  readonly parallelism: () => number
}

const thisMachine: CpuFacts = {
  readText: path => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return undefined
    }
  },
  parallelism: availableParallelism,
}

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
  // Without the file, as where /proc is hidden, there may still be the quota of a whole container.
  const groups = readText('/proc/self/cgroup') ?? '0::/'
  const quotas = groups.split('\n').flatMap(line => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) return []
    const quotaOf = quotaReader(controllers)
    return withAncestors(path).flatMap(group => quotaOf(group, readText))
  })
  return quotas.length > 0 ? Math.min(...quotas) : undefined
}

/** Quotas in cores, at most one for each place where the group may be found. */
type QuotaReader = (group: string, readText: TextReader) => readonly number[]

/** No controllers name the one hierarchy of version 2; version 1 has one for each of its lines. */
const quotaReader = (controllers: string): QuotaReader => {
  if (controllers === '') return quotaV2
  const names = controllers.split(',')
  if (!names.includes('cpu')) return () => []
  const mounts = new Set([controllers, 'cpu'])
  return (group, readText) => [...mounts].flatMap(mount => quotaV1(`/sys/fs/cgroup/${mount}${group}`, readText))
}

/** `max 100000` or `50000 100000`: quota and period in µs. */
const quotaV2: QuotaReader = (group, readText) => {
  const [quotaUs, periodUs] = (readText(`/sys/fs/cgroup${group}/cpu.max`) ?? '').trim().split(' ')
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
