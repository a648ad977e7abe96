import { nowMs } from '../../load/clock.ts'
import { maySpin } from '../../load/cpu-quota.ts'
import { Sleeper } from '../../load/sleeper.ts'
import type { TimerFigures } from '../../model/machine-floor.ts'
import { floorOf } from '../../stats/rung-figures.ts'

const clockReadings = 10_000
const loopTurns = 1000
const timerRounds = 60
const sleepRounds = 60
/** No multiple of a timer's grain, so that sleeps end at all parts of it. */
const sleepStepMs = 3.3

/** How exactly this process tells and keeps times while it has nothing else to do; takes 0.3 s. */
export const measureTimers = async (): Promise<TimerFigures> => ({
  ...readClock(),
  loopTurnUs: floorOf((await repeat(loopTurns, turn)).map(ms => 1000 * ms)),
  timerMs: floorOf(await repeat(timerRounds, timer)),
  sleepLateMs: floorOf(await sleepOften()),
})

const readClock = (): Pick<TimerFigures, 'clockGrainUs' | 'clockReadUs'> => {
  const readings = Array.from({ length: clockReadings }, nowMs)
  const steps = readings.slice(1).map((ms, i) => ms - (readings[i] as number))
  const tookMs = (readings.at(-1) as number) - (readings[0] as number)
  const grainMs = Math.min(...steps.filter(ms => ms > 0))
  return { clockGrainUs: 1000 * grainMs, clockReadUs: (1000 * tookMs) / (clockReadings - 1) }
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

const timer = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 1))

/** How long each of so many rounds takes, in ms. */
const repeat = async (rounds: number, round: () => Promise<void>): Promise<readonly number[]> => {
  const tookMs: number[] = []
  for (let i = 0; i < rounds; i++) {
    const startMs = nowMs()
    await round()
    tookMs.push(nowMs() - startMs)
  }
  return tookMs
}

const sleepOften = async (): Promise<readonly number[]> => {
  const sleeper = new Sleeper(maySpin())
  const lateMs: number[] = []
  let dueMs = nowMs()
  for (let i = 0; i < sleepRounds; i++) {
    dueMs += sleepStepMs
    await sleeper.until(dueMs)
    lateMs.push(nowMs() - dueMs)
  }
  return lateMs
}
