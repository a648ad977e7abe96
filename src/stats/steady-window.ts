import type { RunPlan } from '../model/run-plan.ts'
import type { Accumulator } from './accumulator.ts'

/** From one moment to another, in µs since the epoch. */
export interface Window {
  readonly fromUs: number
  readonly toUs: number
}

/**
 * How many requests must be in flight for a load that nothing paces to count as steady: 90 % of those it keeps in
 * flight. Undefined for one that has a schedule.
 */
export const steadyLevel = ({ load, number }: RunPlan): number | undefined => {
  if (load.kind !== 'closed' || load.pacing !== undefined) return undefined
  return Math.ceil((9 * Math.min(load.concurrency, number ?? load.concurrency)) / 10)
}

/**
 * When the load was what it was meant to be: from the first to the last moment with 90 % of the requests in flight or,
 * where it has a schedule, from one p50 latency after the first wanted request to the last sent; in both not before the
 * end of a ramp. Undefined when that is shorter than two mean latencies.
 */
export const steadyWindow = (accumulator: Accumulator, plan: RunPlan): Window | undefined => {
  const { inFlight, scheduled, sent, ended, latencyUs } = accumulator
  const level = steadyLevel(plan)
  const whole = level === undefined ? pacedWindow(accumulator) : inFlight.atLeast(level)
  if (whole === undefined || latencyUs.mean === undefined) return undefined
  const startUs = (level === undefined ? scheduled : sent).firstUs ?? 0
  const fromUs = Math.max(whole.fromUs, startUs + plan.rampUpMs * 1000)
  // Requests that we cut off hold their slots to the end, and nobody knows their tokens.
  const toUs = Math.min(whole.toUs, ended.lastUs ?? whole.toUs)
  const lengthUs = toUs - fromUs
  return lengthUs > 0 && lengthUs >= 2 * latencyUs.mean ? { fromUs, toUs } : undefined
}

const pacedWindow = ({ scheduled, sent, latencyUs }: Accumulator): Window | undefined => {
  const [firstUs, toUs, p50Us] = [scheduled.firstUs, sent.lastUs, latencyUs.percentile(50)]
  if (firstUs === undefined || toUs === undefined || p50Us === undefined) return undefined
  return { fromUs: firstUs + p50Us, toUs }
}
