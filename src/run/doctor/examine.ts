import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { nowMs } from '../../load/clock.ts'
import { rehearse } from '../../load/rehearsal.ts'
import type { Beat, DoctorReport, Ladder } from '../../model/machine-floor.ts'
import type { StatusLine } from '../../report/status-line.ts'
import { createStore } from '../../store/sqlite.ts'
import { climb } from './climb.ts'
import { readMachine } from './machine.ts'
import { measureRung, type RungPlace } from './measure-rung.ts'
import { engineTimes, type RungTimes, rungPlan } from './rung-plan.ts'
import { measureTimers } from './timers.ts'
import { explainFailure, makeDirectory, startServer } from './workplace.ts'

/** How an examination is run. */
export interface Examination {
  /** Few streams, some 5 s. */
  readonly isQuick: boolean
  readonly status: StatusLine
  /** Run by the host when it must leave at once. */
  readonly lastActs: Set<() => void>
}

/** Loads of one kind, and when the last of them may begin, in ms since the start. */
interface Plan {
  readonly beat: Beat
  readonly counts: readonly number[]
  readonly untilMs: number
}

/** A rung takes some 3 s, up to three times when it does not hold: all is over within 60 s. */
const full: readonly Plan[] = [
  { beat: 'own', counts: [1, 10, 50, 100, 200, 500, 1000, 2000, 4000], untilMs: 37_000 },
  // The server writes one after the other, so it is soon its own limit.
  { beat: 'common', counts: [10, 50, 100, 200, 500], untilMs: 50_000 },
]
const quick: readonly Plan[] = [{ beat: 'own', counts: [10, 50], untilMs: 3000 }]

const fullTimes: RungTimes = { rampUpMs: 500, windowMs: 1600 }
const quickTimes: RungTimes = { rampUpMs: 200, windowMs: 800 }
/** Before the first rung of each server: it meets cold code, on both sides. */
const coldStreams = 20
const coldTimes: RungTimes = { rampUpMs: 100, windowMs: 400 }

/**
 * Finds out what this machine adds to what it measures. Nothing but a temporary directory is written. Throws `UserError`
 * where that cannot be, or no server started.
 */
export const examine = async ({ isQuick, status, lastActs }: Examination): Promise<DoctorReport> => {
  const startMs = nowMs()
  const examinedAt = new Date().toISOString()
  const directory = makeDirectory()
  const remove = (): void => rmSync(directory, { recursive: true, force: true })
  lastActs.add(remove)
  status.say(`examining this machine: ${isQuick ? 'some 5 s' : 'less than a minute'}`)
  try {
    const machine = await readMachine(await sqliteDriver(directory))
    status.show('measuring timers')
    const timers = await measureTimers()
    const ladders: Ladder[] = []
    for (const plan of isQuick ? quick : full) {
      const hasTime = (): boolean => nowMs() - startMs < plan.untilMs
      const times = isQuick ? quickTimes : fullTimes
      ladders.push(await climbWithServer(plan, { directory, times, status, hasTime }))
    }
    return { examinedAt, isQuick, machine, timers, engine: engineTimes, ladders }
  } catch (error) {
    throw explainFailure(error, directory)
  } finally {
    status.clear()
    lastActs.delete(remove)
    remove()
  }
}

interface ClimbParts extends Omit<RungPlace, 'url'> {
  readonly status: StatusLine
  readonly hasTime: () => boolean
}

const climbWithServer = async ({ beat, counts }: Plan, parts: ClimbParts): Promise<Ladder> => {
  const server = await startServer(beat, Math.max(...counts))
  const place = { ...parts, url: server.url }
  let measured = 0
  const measure = (streams: number, times = parts.times) =>
    measureRung(streams, `${beat}-${++measured}`, { ...place, times })
  try {
    await rehearse([rungPlan(server.url, coldStreams, coldTimes)])
    await measure(coldStreams, coldTimes)
    return await climb({
      beat,
      counts,
      hasTime: parts.hasTime,
      measure: streams => {
        parts.status.show(`${streams} streams, ${beat === 'own' ? 'each on its own beat' : 'all at once'}`)
        return measure(streams)
      },
    })
  } finally {
    await server.close()
  }
}

/** The driver that loads here. */
const sqliteDriver = async (directory: string): Promise<string> => {
  const store = await createStore({ path: join(directory, 'driver.db'), commitIntervalRows: 1 })
  await store.close()
  return store.driverName
}
