import { readdirSync, statSync } from 'node:fs'
import { readTextFile, type TextReader } from './cpu-quota.ts'

/** What the system has counted of a thread since it began; times in µs. */
export interface ThreadTimes {
  /** On a core. */
  readonly cpuUs: number
  /** Ready to run, but without a core. */
  readonly runQueueUs: number
  /** How often it was given one. */
  readonly coresGiven: number
}

/** Those of the thread that asks; undefined where the system does not tell, as on others than Linux. Takes 20 us. */
export const readThreadTimes = (readText: TextReader = readTextFile): ThreadTimes | undefined => {
  const [cpuNs, runQueueNs, coresGiven] = (readText('/proc/thread-self/schedstat') ?? '').trim().split(' ').map(Number)
  // Kernels that do not count write zeros; who asks has had a core at least once.
  if (cpuNs === undefined || runQueueNs === undefined || !coresGiven) return undefined
  return { cpuUs: Math.round(cpuNs / 1000), runQueueUs: Math.round(runQueueNs / 1000), coresGiven }
}

/** What tells how many descriptors are open. */
export interface DescriptorReader {
  /** Size of a directory. */
  readonly sizeOf: (path: string) => number
  readonly list: (path: string) => readonly string[]
}

const thisProcess: DescriptorReader = { sizeOf: path => statSync(path).size, list: path => readdirSync(path) }

/** File descriptors of this process; undefined where there is no /proc. */
export const countOpenFiles = ({ sizeOf, list }: DescriptorReader = thisProcess): number | undefined => {
  try {
    // From Linux 6.2 on their number is the size; to list 2000 of them takes a millisecond. The list has its own, too.
    return sizeOf('/proc/self/fd') || list('/proc/self/fd').length - 1
  } catch {
    return undefined
  }
}
