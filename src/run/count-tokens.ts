import { nowMs } from '../load/clock.ts'
import type { RunPlan } from '../model/run-plan.ts'
import type { TokenFindings } from '../model/token-findings.ts'
import { joinSignals } from '../net/join-signals.ts'
import type { Host } from './host.ts'
import type { CountReceiver, TokenCounter } from './token-counter.ts'

/** Between two plain lines where there is no terminal. */
const plainLineMs = 10_000
/** Counting gets this long after a signal has ended the load, as requests under way have had. */
const afterSignalMs = 5000

/** A megabyte takes a second, and a tokenizer to load another; one that shows nothing for this long has come to a stop. */
const silentLimitMs = 300_000

/** What the counting after a load needs. */
export interface CountParts {
  readonly plan: Pick<RunPlan, 'name'>
  readonly counter: TokenCounter
  readonly receiver: CountReceiver
  readonly host: Host
  readonly say: (line: string) => void
}

/** Has everything counted that the server did not count, and shows how far that is. Ctrl-C ends it. */
export const countTokens = async (parts: CountParts): Promise<TokenFindings | undefined> => {
  const { plan, counter, receiver, host, say } = parts
  const { waiting, lacking } = counter
  if (waiting > 0) say(`${plan.name}: counting the tokens of ${requests(waiting)} that the server did not count`)
  const { draining } = host.stop
  const wasStopped = draining.aborted
  const stall = new AbortController()
  const timer = setTimeout(() => stall.abort(), silentLimitMs)
  const stop = wasStopped ? joinSignals([stall.signal], afterSignalMs) : joinSignals([stall.signal, draining])
  const show = progressOf(plan, host)
  const findings = await counter
    .countAll({
      receiver,
      comparesUsage: !wasStopped,
      stop: stop.signal,
      onProgress: (done, all) => {
        timer.refresh()
        show(done, all)
      },
    })
    .finally(() => {
      clearTimeout(timer)
      stop.release()
    })
  host.status.clear()
  if (stall.signal.aborted)
    say(`${plan.name}: nothing was counted for ${silentLimitMs / 1000} s, so counting was ended`)
  if (findings?.uncounted !== undefined) {
    const { requests: left, reason } = findings.uncounted
    const what = left === 0 ? "the server's counts are not checked" : `${left} of ${requests(lacking)} are not counted`
    say(`${plan.name}: ${what}: ${reason}`)
  }
  return findings
}

const progressOf = ({ name }: CountParts['plan'], { status }: Host) => {
  let lastLineMs = nowMs()
  return (done: number, all: number): void => {
    const line = `${name} counting tokens ${done}/${all}`
    if (status.isLive) return status.show(line)
    if (nowMs() - lastLineMs < plainLineMs) return
    lastLineMs = nowMs()
    status.say(line)
  }
}

const requests = (count: number): string => (count === 1 ? '1 request' : `${count} requests`)
