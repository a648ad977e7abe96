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

/** With so many waves there is a time between the first and the last one, in which slots are only refilled. */
const fewestWaves = 3

/**
 * When a load that nothing paces should have been steady, though it never had 90 % in flight: from the end of its ramp to
 * the last request sent. Undefined where it had, be it for a moment, and for fewer than three waves.
 */
export const neverSteadyWindow = ({ inFlight, sent }: Accumulator, plan: RunPlan): Window | undefined => {
  const { load, number, rampUpMs } = plan
  const level = steadyLevel(plan)
  if (load.kind !== 'closed' || level === undefined || inFlight.atLeast(level) !== undefined) return undefined
  const { firstUs, lastUs } = sent
  if (firstUs === undefined || lastUs === undefined) return undefined
  if (number !== undefined && number < fewestWaves * load.concurrency) return undefined
  const fromUs = firstUs + rampUpMs * 1000
  return lastUs > fromUs ? { fromUs, toUs: lastUs } : undefined
}

const pacedWindow = ({ scheduled, sent, latencyUs }: Accumulator): Window | undefined => {
  const [firstUs, toUs, p50Us] = [scheduled.firstUs, sent.lastUs, latencyUs.percentile(50)]
  if (firstUs === undefined || toUs === undefined || p50Us === undefined) return undefined
  return { fromUs: firstUs + p50Us, toUs }
}
