import type { GateOutcome } from '../model/gate.ts'
import type { JsonObject } from '../model/json.ts'
import { roundHalfUp } from '../stats/decimal.ts'

/** `gates` of `--json`; values in the unit of their figure, with at most six decimals. */
export const gateJson = ({ checks, isAdvisory, hasPassed, invalidRuns, baseline }: GateOutcome): JsonObject => ({
  passed: hasPassed,
  advisory: isAdvisory,
  invalid_runs: [...invalidRuns],
  ...(baseline === undefined
    ? {}
    : { baseline: { path: baseline.path, doubts: [...baseline.doubts], pairs: [...baseline.pairs] } }),
  checks: checks.map(({ value, baseline, ...check }) => ({
    run: check.run,
    kind: check.kind,
    condition: check.condition,
    figure: check.figure,
    unit: check.unit,
    value: orNull(value),
    baseline: orNull(baseline),
    verdict: check.verdict,
    reason: check.reason,
  })),
})

const orNull = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : roundHalfUp(value, 6)
