import type { SpeedRow } from '../model/result.ts'
import { Samples } from './samples.ts'

/** Output speeds of requests by their prompt length. */
export class SpeedRows {
  readonly #byInputTokens = new Map<number, Samples>()

  add(inputTokens: number, tokensPerSec: number): void {
    this.#of(inputTokens).add(tokensPerSec)
  }

  merge(other: SpeedRows): void {
    for (const [inputTokens, speeds] of other.#byInputTokens) this.#of(inputTokens).merge(speeds)
  }

  /** Mean output speed per distinct prompt length, shortest first. */
  list(): readonly SpeedRow[] {
    return [...this.#byInputTokens]
      .sort(([a], [b]) => a - b)
      .map(([inputTokens, speeds]) => ({ inputTokens, tokensPerSec: speeds.mean ?? 0 }))
  }

  #of(inputTokens: number): Samples {
    const known = this.#byInputTokens.get(inputTokens)
    if (known !== undefined) return known
    const speeds = new Samples()
    this.#byInputTokens.set(inputTokens, speeds)
    return speeds
  }
}
