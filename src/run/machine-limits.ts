import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import type { IntegerRange } from '../model/run-plan.ts'

/** To which addresses a port may be used again a second after its connection was closed, not after a minute. */
export type ClosedPortReuse = 'none' | 'loopback' | 'all'

/** How many connections this process may have; `undefined` where that cannot be read or is without limit. */
export interface MachineLimits {
  readonly platform: NodeJS.Platform
  /** Soft limit; Node has raised it to the hard one by now. */
  readonly openFiles: number | undefined
  readonly openFilesInUse: number | undefined
  /** Where the ports of outgoing connections are taken from. */
  readonly localPorts: IntegerRange | undefined
  readonly closedPortReuse: ClosedPortReuse | undefined
}

/** What the limits are read with; each gives `undefined` where there is nothing. */
export interface MachineReader {
  readonly platform: NodeJS.Platform
  readonly readText: (path: string) => string | undefined
  readonly list: (directory: string) => readonly string[] | undefined
  /** What a shell prints for `script`. */
  readonly shell: (script: string) => string | undefined
}

/** Reads the limits on sockets, ports and descriptors: from /proc, or with a shell where there is none. Never throws. */
export const readMachineLimits = (reader: MachineReader = thisMachine): MachineLimits => ({
  platform: reader.platform,
  openFilesInUse: countOpenFiles(reader),
  ...(fromProc(reader) ?? fromShell(reader)),
})

type ReadLimits = Pick<MachineLimits, 'openFiles' | 'localPorts' | 'closedPortReuse'>

const fromProc = ({ readText }: MachineReader): ReadLimits | undefined => {
  const limits = readText('/proc/self/limits')
  if (limits === undefined) return undefined
  const ports = readText('/proc/sys/net/ipv4/ip_local_port_range')?.trim().split(/\s+/) ?? []
  const reuse = readText('/proc/sys/net/ipv4/tcp_tw_reuse')?.trim()
  return {
    openFiles: wholeNumber(/^Max open files\s+(\S+)/m.exec(limits)?.[1]),
    localPorts: rangeOf(ports[0], ports[1]),
    closedPortReuse: reuse === undefined ? undefined : reuseByNumber[reuse],
  }
}

const reuseByNumber: Readonly<Record<string, ClosedPortReuse>> = { 0: 'none', 1: 'all', 2: 'loopback' }

/** macOS has no /proc. Its shell inherits our limit. */
const fromShell = ({ platform, shell }: MachineReader): ReadLimits => {
  const script = 'ulimit -n; sysctl -n net.inet.ip.portrange.first net.inet.ip.portrange.last'
  // Windows knows no such limits.
  const [openFiles, first, last] = (platform === 'win32' ? '' : (shell(script) ?? '')).split('\n')
  return { openFiles: wholeNumber(openFiles), localPorts: rangeOf(first, last), closedPortReuse: undefined }
}

/** Descriptors in use, less the one that reads them. */
const countOpenFiles = ({ list }: MachineReader): number | undefined => {
  const names = list('/proc/self/fd') ?? list('/dev/fd')
  return names === undefined ? undefined : Math.max(0, names.length - 1)
}

const rangeOf = (first: string | undefined, last: string | undefined): IntegerRange | undefined => {
  const [min, max] = [wholeNumber(first), wholeNumber(last)]
  return min === undefined || max === undefined || max < min ? undefined : { min, max }
}

/** `unlimited` is no number, and no limit. */
const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\s*\d+\s*$/.test(text) ? Number(text) : undefined

/** What `read` gives, or `undefined` when it throws. */
const unlessRefused = <T>(read: () => T): T | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}

const thisMachine: MachineReader = {
  platform: process.platform,
  readText: path => unlessRefused(() => readFileSync(path, 'utf8')),
  list: directory => unlessRefused(() => readdirSync(directory)),
  // Takes some ms; a shell that hangs must not hold up a run.
  shell: script =>
    unlessRefused(
      () =>
        spawnSync('sh', ['-c', script], { encoding: 'utf8', timeout: 1000, stdio: ['ignore', 'pipe', 'ignore'] })
          .stdout,
    ) ?? undefined,
}
