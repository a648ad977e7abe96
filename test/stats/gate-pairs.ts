import type { RunGates } from '../../src/model/gate.ts'
import type { RequestRecord } from '../../src/model/record.ts'
import { readGates } from '../../src/plan/gates.ts'
import { planOf, resultOf } from '../report/results.ts'
import { dealPair, drawRecords, type RecordSet, slowedDown } from './record-sets.ts'

/** What streams are compared by unless more is asked for. */
const tolerances = (readGates({ stream: true, baseline: 'somewhere', advisory: false })?.tolerances ?? [])
  .filter(({ comparedIf }) => comparedIf === 'measured')
  .map(({ comparedIf: _, ...tolerance }) => tolerance)

/** The figures of a run that fail when it is held against a baseline, with the default tolerances. */
const failingFigures = (records: readonly RequestRecord[], baseline: readonly RequestRecord[]): readonly string[] => {
  const names = tolerances.map(({ figure }) => figure)
  const { figures = [] } = resultOf(planOf(10, baseline.length), baseline, { interrupted: false, figures: names })
  const held = figures.flatMap(({ figure, value, count }) =>
    tolerances.filter(one => one.figure === figure.name).map(one => ({ ...one, value, count })),
  )
  const gates: RunGates = { conditions: [], baseline: held, isAdvisory: false }
  const checks = resultOf({ ...planOf(10, records.length), gates }, records).gates ?? []
  if (checks.length !== names.length) throw new Error(`${checks.length} checks of ${names.length} figures`)
  return checks.filter(({ verdict }) => verdict !== 'passed').map(({ figure }) => figure)
}

/** How many pairs of a kind fail: those that differ by chance alone, and those of which one is a fifth slower. */
export interface PairOutcome {
  readonly pairs: number
  readonly failingEqual: number
  readonly failingSlower: number
  /** How often each figure failed an equal pair. */
  readonly byFigure: Readonly<Record<string, number>>
}

/** Deals so many pairs out of recordings, each of which serves for some of them. */
export const tryPairs = (kind: Omit<RecordSet, 'seed' | 'slowdown'>, pairs: number): PairOutcome => {
  const { requests } = kind
  const pairsOfOne = 25
  const byFigure: Record<string, number> = {}
  let [failingEqual, failingSlower] = [0, 0]
  let recording: readonly RequestRecord[] = []
  for (let seed = 0; seed < pairs; seed++) {
    if (seed % pairsOfOne === 0) recording = drawRecords({ ...kind, requests: 4 * requests, seed })
    const [baseline, equal] = dealPair(recording, { seed, requests })
    const failing = failingFigures(equal, baseline)
    if (failing.length > 0) failingEqual++
    for (const figure of failing) byFigure[figure] = (byFigure[figure] ?? 0) + 1
    if (failingFigures(slowedDown(equal, 1.2), baseline).length > 0) failingSlower++
  }
  return { pairs, failingEqual, failingSlower, byFigure }
}
