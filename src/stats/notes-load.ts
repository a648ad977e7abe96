import type { HealthSummary } from '../model/health.ts'
import type { RunSummary } from '../model/result.ts'
import type { RunPlan } from '../model/run-plan.ts'
import { isChance, scheduled } from './worth-showing.ts'

type Note = string | undefined

/** With fewer, the first and the last wave are most of a run. */
const fewestWaves = 5

/** That a closed loop was over after a few waves: each slot had few requests. */
export const wavesNote = ({ load }: RunPlan, summary: RunSummary): Note => {
  if (load.kind !== 'closed' || load.pacing !== undefined || load.concurrency === 1) return undefined
  const { totalRequests, conversations } = summary
  const begun = conversations?.begun ?? totalRequests
  if (begun === 0 || begun >= fewestWaves * load.concurrency) return undefined
  const { noun } = scheduled(summary)
  return `Few waves: ${begun} ${noun}${begun === 1 ? '' : 's'} in ${load.concurrency} slots. The first wave meets an idle server all at once and the last leaves slots empty; ${fewestWaves * load.concurrency} would make five.`
}

/**
 * That connections were opened again and again, though a closed loop has all it needs before its clock starts. Where each
 * needs a tunnel through a proxy, they come with the first requests.
 */
export const reconnectNote = (
  { load, target }: RunPlan,
  { totalRequests, failedRequests, cutOffRequests }: RunSummary,
  health: HealthSummary | undefined,
): Note => {
  if (load.kind !== 'closed' || !target.keepAlive) return undefined
  if (target.proxyUrl !== undefined && target.url.startsWith('https:')) return undefined
  // A request that fails may take its connection with it, which the failure tells.
  const reopened = (health?.connectionsOpened ?? 0) - failedRequests - cutOffRequests
  if (reopened <= 0 || isChance(reopened, totalRequests)) return undefined
  return `${reopened} connections were opened while requests were measured, not all before: a server or a proxy may close them, and this client does after 4 s without a request. Connecting is part of TTFT and latency.`
}

/** Below this a run is not judged. */
const judgedFromMs = 1000

/** That nothing could show whether the client itself, or other programs, disturbed the run. */
export const unobservedNote = ({ durationMs = 0 }: RunSummary, health: HealthSummary | undefined): Note => {
  if (durationMs < judgedFromMs) return undefined
  if (health === undefined) {
    return 'What this client did meanwhile was not observed: whether it, or other programs, disturbed this run is not known.'
  }
  return health.threads.some(({ runQueuePercent }) => runQueuePercent !== undefined)
    ? undefined
    : 'This system does not tell how long threads wait for a core: whether other programs disturbed this run is not known.'
}
