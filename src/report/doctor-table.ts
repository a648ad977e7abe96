import type { DoctorReport, Floor, Ladder, MachineFacts, Rung, TimerFigures } from '../model/machine-floor.ts'
import { hasHeld } from '../stats/rung-figures.ts'
import { isCarried } from '../stats/sample-rule.ts'
import { pairBox } from './basic-information.ts'
import { beatText, doctorConclusions } from './doctor-conclusions.ts'
import { absent, formatFigure, formatLarge, formatWithUnit } from './format.ts'
import { heavyTable } from './table.ts'
import { plainText } from './text.ts'
import { wrapWords } from './wrap-words.ts'

/** All that `evalscope doctor` prints, in 80 columns and without a line break at the end. */
export const doctorText = (report: DoctorReport): string => {
  const { machine, timers, ladders } = report
  return [
    pairBox([...machinePairs(machine), ...timerPairs(timers)]),
    ...ladders.map(ladderTable),
    legend(report)
      .map(line => wrapWords(line, proseColumns))
      .join('\n'),
    doctorConclusions(report)
      .map(line => wrapWords(`• ${plainText(line)}`, proseColumns))
      .join('\n'),
  ].join('\n\n')
}

const proseColumns = 80

const legend = ({ engine, ladders }: DoctorReport): readonly string[] => [
  `Simulated, on this machine: TTFT ${engine.ttftMs} ms, ITL ${engine.itlMs} ms.`,
  "TTFT +: the way to the server's receipt, and back from its first write.",
  "ITL ±: how far a gap is off the one between the server's writes, either way.",
  "CPU: of one core, by this process. Late: the server's own writes (p99).",
  ...(ladders.some(({ rungs }) => rungs.some(hasFew)) ? ['* fewer samples than the 662 that carry a p99'] : []),
]

const machinePairs = (machine: MachineFacts): readonly (readonly [string, string])[] => {
  const { openFiles, openFilesInUse, localPorts, closedPortReuse, cpuQuotaCores, versions } = machine
  const { evalscope = '', node = '', v8 = '', platform = '', sqlite = '' } = versions
  return [
    ['CPU', `${machine.cpuModel}, ${machine.cores} cores`],
    ['CPU quota', cpuQuotaCores === undefined ? 'none' : `${formatFigure('rate', cpuQuotaCores)} cores`],
    ['Load before', formatFigure('rate', machine.loadAverage)],
    ['Open files', `${formatFigure('count', openFiles)}, ${formatFigure('count', openFilesInUse)} in use`],
    ['Local ports', localPorts === undefined ? absent : portsText(localPorts)],
    ['Closed ports', closedPortReuse === undefined ? absent : reuseText[closedPortReuse]],
    ['Versions', `evalscope ${evalscope}, Node ${node.replace('v', '')}, V8 ${v8}`],
    ['Platform, database', `${platform}, ${sqlite}`],
  ]
}

const portsText = ({ min, max }: { readonly min: number; readonly max: number }): string =>
  `${max - min + 1}, ${min} to ${max}`

const reuseText = {
  none: 'used again after 60 s',
  loopback: 'used again after 60 s, on loopback after 1 s',
  all: 'used again after 1 s',
} as const

const timerPairs = (timers: TimerFigures): readonly (readonly [string, string])[] => [
  ['Clock', `grain ${usText(timers.clockGrainUs)}, read in ${usText(timers.clockReadUs)}`],
  ['Event loop turn', `${usText(timers.loopTurnUs.p50)} p50, ${usText(timers.loopTurnUs.p99)} p99`],
  ['Timer of 1 ms', `${msText(timers.timerMs.p50)} p50, ${msText(timers.timerMs.p99)} p99`],
  ['Sleep to a time', `${msText(timers.sleepLateMs.p50)} late p50, ${msText(timers.sleepLateMs.p99)} p99`],
]

const ladderTable = ({ beat, rungs }: Ladder): string => {
  const head = ['Streams', 'Chunks/s', 'TTFT +\np50', 'p99', 'ITL ±\np50', 'p99', 'CPU', 'Late', 'Result']
  return heavyTable({
    title: `${beatText[beat]} (ms)`,
    head,
    aligns: head.map((_, column) => (column === head.length - 1 ? 'left' : 'right')),
    blocks: [rungs.map(rungCells)],
  })
}

const rungCells = (rung: Rung): readonly string[] => {
  const streams = String(rung.streams)
  if (rung.kind === 'failed') return [streams, ...noFigures, absent, 'failed']
  const late = p99Cell(rung.serverLatenessMs)
  if (rung.kind === 'server-limited') return [streams, ...noFigures, late, 'server']
  return [
    streams,
    formatLarge(Math.round(rung.chunksPerSec)),
    ...floorCells(rung.addedTtftMs),
    ...floorCells(rung.addedItlMs),
    `${formatFigure('count', 100 * rung.cpuCores)} %`,
    late,
    hasHeld(rung) ? 'held' : 'distorted',
  ]
}

const noFigures = Array.from({ length: 6 }, () => absent)

const floorCells = (floor: Floor): readonly string[] => [formatFigure('ms', floor.p50), p99Cell(floor)]

const p99Cell = ({ p99, count }: Floor): string => `${formatFigure('ms', p99)}${isCarried(99, count) ? '' : '*'}`

const hasFew = (rung: Rung): boolean => floorsOf(rung).some(({ count }) => !isCarried(99, count))

const floorsOf = (rung: Rung): readonly Floor[] => {
  if (rung.kind === 'failed') return []
  const { serverLatenessMs } = rung
  return rung.kind === 'measured' ? [rung.addedTtftMs, rung.addedItlMs, serverLatenessMs] : [serverLatenessMs]
}

const msText = (ms: number): string => formatWithUnit('ms', ms, 'ms')

const usText = (us: number): string => formatWithUnit('ms', us, 'µs')
