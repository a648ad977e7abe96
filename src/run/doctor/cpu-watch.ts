import { nowMs } from '../../load/clock.ts'

interface Reading {
  readonly atMs: number
  readonly cpuMs: number
}

const read = (): Reading => {
  const { user, system } = process.cpuUsage()
  return { atMs: nowMs(), cpuMs: (user + system) / 1000 }
}

/** CPU time of this process, all its threads, between two moments to come. */
export class CpuWatch {
  readonly #timers: NodeJS.Timeout[] = []
  #from: Reading | undefined
  #to: Reading | undefined

  /** Both in ms from now. */
  watch(fromMs: number, toMs: number): void {
    const at = (ms: number, take: () => void): void => void this.#timers.push(setTimeout(take, ms))
    at(fromMs, () => (this.#from = read()))
    at(toMs, () => (this.#to = read()))
  }

  /** CPU time over time; 0 before both moments are over. */
  get cores(): number {
    if (this.#from === undefined || this.#to === undefined) return 0
    return (this.#to.cpuMs - this.#from.cpuMs) / (this.#to.atMs - this.#from.atMs)
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }
}
