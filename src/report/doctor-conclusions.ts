import type { DoctorReport, Ladder, MeasuredRung, Rung } from '../model/machine-floor.ts'
import { hasHeld, serverLatenessLimitMs } from '../stats/rung-figures.ts'
import { formatFigure, formatLarge } from './format.ts'

/** Whether any load was measured as it is: otherwise this machine has no figure to rely on. */
export const hasAnyHeld = ({ ladders }: DoctorReport): boolean => ladders.some(({ rungs }) => rungs.some(hasHeld))

/** What a report comes to, in sentences. */
export const doctorConclusions = (report: DoctorReport): readonly string[] => [
  ...busyMachine(report),
  ...report.ladders.map(ladder => `${beatText[ladder.beat]}: ${heldText(ladder)} ${endText(ladder)}`),
]

/** How the streams of a ladder are called. */
export const beatText = { own: 'Streams on beats of their own', common: 'All streams at once' } as const

const busyMachine = ({ machine: { loadAverage, cores } }: DoctorReport): readonly string[] =>
  loadAverage > cores / 2
    ? [
        `The machine was busy before: load ${formatFigure('rate', loadAverage)} on ${cores} cores. Its floor is lower when nothing else runs.`,
      ]
    : []

const heldText = ({ rungs }: Ladder): string => {
  const held = rungs.filter((rung): rung is MeasuredRung => hasHeld(rung))
  const last = held.at(-1)
  if (last === undefined) return 'no load came through undistorted.'
  const added = (pick: (rung: MeasuredRung) => number): string => msText(Math.max(...held.map(pick)))
  const load = `${last.streams} ${last.streams === 1 ? 'stream' : 'streams'} (${formatLarge(Math.round(last.chunksPerSec))} chunks/s)`
  return `up to ${load} this client adds at most ${added(rung => rung.addedTtftMs.p50)} to TTFT and ${added(rung => rung.addedItlMs.p50)} to ITL (p50), less than 5 % of either.`
}

const endText = ({ rungs, end }: Ladder): string => {
  const last = rungs.at(-1)
  const next = last === undefined ? 'before the first' : `after ${last.streams}`
  if (end === 'time') return `Time was up ${next}.`
  if (end === 'top' || last === undefined) return 'More was not tried.'
  return `${lastText(last)} ${last.kind === 'measured' ? advice : 'What this client can do there is not known.'}`
}

const lastText = (rung: Rung): string => {
  const at = `At ${rung.streams}`
  if (rung.kind === 'failed') return `${at} requests failed (${rung.reason}).`
  if (rung.kind === 'server-limited') {
    return `${at} the server was the limit: its own writes were ${msText(rung.serverLatenessMs.p99)} late (p99), more than ${serverLatenessLimitMs} ms.`
  }
  const { addedTtftMs: ttft, addedItlMs: itl } = rung
  return `${at} it distorts: ${msText(ttft.p50)} (p50) and ${msText(ttft.p99)} (p99) in a TTFT of ${msText(rung.ttftMs)}, ${msText(itl.p50)} and ${msText(itl.p99)} in an ITL of ${msText(rung.itlMs)}.`
}

const advice = 'Spread such loads over threads with --workers.'

const msText = (ms: number): string => `${formatFigure('ms', ms)} ms`
