import type { TrajectoryTexts } from './trajectory.ts'

/** A row of SWE-smith-trajectories. */
export interface TrajectoryRow {
  /** Of all rows, from 1. */
  readonly number: number
  /** Where it stands, for messages. */
  readonly place: string
  readonly texts: TrajectoryTexts
}

/** Rows of trajectories that are open. Gigabytes of them must not be held in memory: they are read anew in each pass. */
export interface TrajectoryRows {
  readonly unit: 'line' | 'row'
  /** How many there are. */
  readonly count: number
  /** Of the longest that was met so far. */
  readonly longestBytes: number
  /** Those that are long enough, in an order drawn from the seed. */
  pass(): AsyncIterable<TrajectoryRow>
  close(): Promise<void>
}

/** The stream of random numbers that their order is drawn from. */
export const orderStream = 'swe_smith order'
