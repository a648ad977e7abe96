import { isIPv4 } from 'node:net'
import type { IntegerRange, RunPlan } from '../model/run-plan.ts'
import { decimalText } from '../stats/decimal.ts'
import type { MachineLimits } from './machine-limits.ts'

/**
 * Descriptors for what is no connection of the load: standard streams, the event loop's own, the database with its log
 * and index, benchmark.log, result and dataset files, name lookups. Twenty or so; the rest is for plugins.
 */
const reservedFiles = 64
/** An open loop that meets a limit only when answers take longer than this is taken to be safe. */
const slowAnswerSec = 30
/** Ports 1024 to 65535: all that one address can use towards another. */
const mostPorts = 64_512
/** What `ulimit -n` may be set to, unless Linux's fs.nr_open was raised. */
const mostOpenFiles = 1_048_576

/**
 * Lines that say which limits of this machine are too low for the runs of a sweep, by how much, and the command that
 * raises them; at most one per limit and kind of load, for the run that needs most. None where all is well or unknown.
 */
export const explainLimits = (plans: readonly RunPlan[], limits: MachineLimits): readonly string[] => {
  const loads = plans.map(loadOf)
  return [
    filesForSlots(loads, limits),
    filesForRate(loads, limits),
    portsForSlots(loads, limits),
    portsForRate(loads, limits),
    portsAfterClose(loads, limits),
  ].filter(line => line !== undefined)
}

/** What a run asks of the machine. */
interface Load {
  readonly plan: RunPlan
  /** Most requests of one phase; infinite where only the answers decide. */
  readonly requests: number
  /** Connections at once; 0 in an open loop, where the answers decide. */
  readonly slots: number
  /** 0 where the answers decide. */
  readonly ratePerSec: number
}

const loadOf = (plan: RunPlan): Load => {
  const { load, warmupNumber } = plan
  const number = plan.number ?? Number.POSITIVE_INFINITY
  const durationSec = (plan.durationMs ?? Number.POSITIVE_INFINITY) / 1000
  const ratePerSec = load.pacing?.ratePerSec
  const inDuration = ratePerSec === undefined ? Number.POSITIVE_INFINITY : Math.ceil(ratePerSec * durationSec)
  const requests = Math.max(warmupNumber, Math.min(number, inDuration))
  const slots = load.kind === 'closed' ? Math.min(load.concurrency, requests) : 0
  return { plan, requests, slots, ratePerSec: ratePerSec ?? 0 }
}

type Line = string | undefined

const filesForSlots = (loads: readonly Load[], limits: MachineLimits): Line => {
  const free = freeFiles(limits)
  const short = mostSlotsAbove(free, loads)
  return (
    short &&
    `${short.needs}, ${short.missing} more than the open-file limit of ${limits.openFiles} leaves; ${raiseFiles(short.slots, limits)}`
  )
}

const filesForRate = (loads: readonly Load[], limits: MachineLimits): Line => {
  const met = soonestMet(freeFiles(limits), loads)
  return (
    met &&
    `${met.rate} meets the open-file limit of ${limits.openFiles} once answers take ${met.answer}; ${raiseFiles(met.connections, limits)}`
  )
}

const portsForSlots = (loads: readonly Load[], limits: MachineLimits): Line => {
  const ports = portCount(limits.localPorts)
  const short = mostSlotsAbove(ports, loads)
  return (
    short && `${short.needs}, ${short.missing} more than the ${ports} local ports; ${widenPorts(short.slots, limits)}`
  )
}

const portsForRate = (loads: readonly Load[], limits: MachineLimits): Line => {
  const ports = portCount(limits.localPorts)
  const met = soonestMet(ports, loads)
  return (
    met &&
    `${met.rate} uses up the ${ports} local ports once answers take ${met.answer}; ${widenPorts(met.connections, limits)}`
  )
}

/**
 * Whichever side closes first keeps its port for a while. We ask servers to close, but with one whose close comes a ms
 * after its last byte it is us.
 */
const portsAfterClose = (loads: readonly Load[], limits: MachineLimits): Line => {
  const ports = portCount(limits.localPorts)
  const keptSec = limits.platform === 'darwin' ? 30 : 60
  const portsOf = ({ ratePerSec, requests }: Load): number => Math.ceil(Math.min(ratePerSec * keptSec, requests))
  const short = mostAbove(
    ports,
    loads.filter(({ plan }) => !plan.target.keepAlive && !isReusedSoon(plan, limits)),
    portsOf,
  )
  if (short === undefined) return undefined
  const missing = portsOf(short) - (ports ?? 0)
  return `--no-keepalive at ${rateOf(short)} may hold ${portsOf(short)} local ports (${keptSec} s each), ${missing} too many; leave it out or ${widenPorts(portsOf(short), limits)}`
}

/** A closed loop's shortage of connections, where there is one. */
const mostSlotsAbove = (limit: number | undefined, loads: readonly Load[]) => {
  const worst = mostAbove(limit, loads, ({ slots }) => slots)
  if (worst === undefined || limit === undefined) return undefined
  const { plan, slots } = worst
  return { slots, missing: slots - limit, needs: `${plan.name} needs ${slots} connections` }
}

/** The shortest answer time at which an open loop meets `limit`, in a run that is long enough to get there. */
const soonestMet = (limit: number | undefined, loads: readonly Load[]) => {
  if (limit === undefined) return undefined
  const long = loads.filter(({ plan, requests }) => plan.load.kind === 'open' && requests > limit)
  const worst = mostAbove(limit / slowAnswerSec, long, ({ ratePerSec }) => ratePerSec)
  if (worst === undefined) return undefined
  const { ratePerSec, requests } = worst
  return {
    rate: rateOf(worst),
    answer: `${Number((limit / ratePerSec).toPrecision(2))} s`,
    connections: Math.ceil(Math.min(ratePerSec * slowAnswerSec, requests)),
  }
}

/** The load that needs most, when that is above the limit. */
const mostAbove = (
  limit: number | undefined,
  loads: readonly Load[],
  need: (load: Load) => number,
): Load | undefined => {
  const [worst] = loads.toSorted((a, b) => need(b) - need(a))
  return limit !== undefined && worst !== undefined && need(worst) > limit ? worst : undefined
}

const rateOf = ({ ratePerSec }: Load): string => `--rate ${decimalText(ratePerSec, 2)}`

const freeFiles = ({ openFiles, openFilesInUse = 0 }: MachineLimits): number | undefined =>
  openFiles === undefined ? undefined : Math.max(0, openFiles - openFilesInUse - reservedFiles)

const portCount = (range: IntegerRange | undefined): number | undefined =>
  range === undefined ? undefined : range.max - range.min + 1

/** Whether Linux hands closed ports out again after a second, as it does by default towards loopback addresses. */
const isReusedSoon = ({ target }: RunPlan, { closedPortReuse }: MachineLimits): boolean =>
  closedPortReuse === 'all' ||
  (closedPortReuse === 'loopback' && isLoopback(new URL(target.proxyUrl ?? target.url).hostname))

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'))

const raiseFiles = (connections: number, { openFilesInUse = 0 }: MachineLimits): string => {
  const needed = connections + openFilesInUse + reservedFiles
  const limit = Math.min(mostOpenFiles, Math.max(65_536, 2 ** Math.ceil(Math.log2(needed))))
  // Node has raised the soft limit already: the hard one is what is short, and a shell may need root to raise that.
  return `raise it with ulimit -n ${limit} (hard limit: limits.conf, LimitNOFILE=, docker --ulimit nofile=)`
}

const widenPorts = (needed: number, { platform, localPorts }: MachineLimits): string => {
  if (needed > mostPorts && portCount(localPorts) === mostPorts) return 'spread the load over several machines'
  const setting =
    platform === 'darwin' ? 'net.inet.ip.portrange.first=1024' : 'net.ipv4.ip_local_port_range="1024 65535"'
  const also = needed > mostPorts ? ', and use several machines' : ''
  return `widen them with sudo sysctl -w ${setting}${also}`
}
