import { rngFor } from '../stats/rng.ts'
import type { SimulationKnobs } from './knobs.ts'

/** Length of one decode step with this many decoding sequences, in ms: the gap between two tokens of a stream. */
export const stepMs = (knobs: SimulationKnobs, decoding: number): number =>
  knobs.itlMs * (1 + decoding / knobs.batchScale)

/**
 * From the start of prefill to the first token, in ms: prefill runs beside the steps and yields the first token itself.
 * A request that need not queue has this TTFT, whatever else runs.
 */
export const prefillMs = (knobs: SimulationKnobs, promptTokens: number): number =>
  knobs.prefillBaseMs + (promptTokens / knobs.prefillTokensPerSec) * 1000

/** Latency of a request that has the engine to itself, in ms. */
export const unloadedLatencyMs = (knobs: SimulationKnobs, promptTokens: number, outputTokens: number): number =>
  prefillMs(knobs, promptTokens) + (outputTokens - 1) * stepMs(knobs, 1)

/** The concurrency past which throughput no longer grows and requests start to queue. */
export const knee = (knobs: SimulationKnobs): number => knobs.maxBatch

/** Tokens per second of the whole engine while this many requests want to decode. */
export const decodeTokensPerSec = (knobs: SimulationKnobs, concurrency: number): number => {
  const decoding = Math.min(concurrency, knee(knobs))
  return (decoding / stepMs(knobs, decoding)) * 1000
}

/** Shortest and longest output that is drawn, in tokens. */
export const outputRange = (knobs: SimulationKnobs): { readonly min: number; readonly max: number } => {
  const spread = knobs.outputTokens * knobs.outputSpread
  return { min: Math.max(1, Math.round(knobs.outputTokens - spread)), max: Math.round(knobs.outputTokens + spread) }
}

/** Output length of the n-th request where the request leaves it open, in tokens. */
export const drawOutputTokens = (knobs: SimulationKnobs, ordinal: number): number => {
  const { min, max } = outputRange(knobs)
  return rngFor(knobs.seed, 'output', ordinal).integer(min, max)
}

/** How the n-th request fails, if it does. */
export const drawError = (knobs: SimulationKnobs, ordinal: number, stream: boolean): 'http' | 'inband' | undefined => {
  const rng = rngFor(knobs.seed, 'error', ordinal)
  if (rng.float() >= knobs.errorRate) return undefined
  return stream && rng.float() < 0.5 ? 'inband' : 'http'
}

/** Beat of a place relative to the step, 0 to 1: place 0 has 0, and any first places are spread almost evenly. */
export const phaseOfPlace = (place: number): number => (place * GOLDEN_RATIO) % 1

const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2
