import { ArgumentsError } from '../errors.ts'
import type { ArgumentValues, FlagField } from './arguments.ts'
import { flagName } from './flags.ts'
import { unpacedRate } from './load-flags.ts'
import { leastValues, slaFlags } from './sla-flags.ts'

/** Checks the flags of a search against each other; throws `ArgumentsError` for the first mistake. */
export const checkSla = (values: ArgumentValues): void => {
  if (!values.slaAutoTune) return
  const { slaParams, slaVariable, slaFixedParallel, openLoop, duration, failIf, baseline } = values
  if (slaParams === undefined) {
    throw new ArgumentsError(
      `--sla-auto-tune needs --sla-params, what is to be kept; give such as --sla-params '${slaFlags.slaParams.example}'`,
    )
  }
  if (openLoop && slaVariable === 'parallel') {
    throw new ArgumentsError(
      '--open-loop has no --parallel to search for; give --sla-variable rate, or leave out --open-loop',
    )
  }
  if (openLoop && slaFixedParallel !== undefined) {
    throw new ArgumentsError(
      `--sla-fixed-parallel ${slaFixedParallel} caps the requests in flight, which --open-loop does not; leave out one of them`,
    )
  }
  if (duration !== undefined) {
    throw new ArgumentsError(
      `--duration ${duration} is for one run; with --sla-auto-tune give --sla-point-seconds, the longest time at one value`,
    )
  }
  if (failIf !== undefined || baseline !== undefined) {
    const gate = failIf === undefined ? '--baseline' : '--fail-if'
    throw new ArgumentsError(`${gate} judges each run, and a search goes beyond what is good; give --sla-params alone`)
  }
  checkBounds(values)
}

const checkBounds = ({ slaVariable, slaUpperBound, slaLowerBound }: ArgumentValues): void => {
  const lower = slaLowerBound ?? leastValues[slaVariable]
  if (lower > slaUpperBound) {
    throw new ArgumentsError(
      `--sla-lower-bound ${lower} is above --sla-upper-bound ${slaUpperBound}; swap or change one`,
    )
  }
  for (const [field, value] of Object.entries({ slaLowerBound: lower, slaUpperBound })) {
    if (slaVariable === 'rate' || Number.isInteger(value)) continue
    throw new ArgumentsError(`${flagName(field)} must be a whole number where --parallel is searched, got ${value}`)
  }
}

/** One line for each flag that a search makes nothing of, or that is of no use without one. */
export const slaWarnings = (values: ArgumentValues, userSet: readonly FlagField[]): readonly string[] => {
  if (!values.slaAutoTune) {
    const idle = userSet.filter(field => Object.hasOwn(slaFlags, field))
    // Given as false it turns off the search of an earlier run.
    if (idle.length === 0 || idle.includes('slaAutoTune')) return []
    return [`${idle.map(flagName).join(', ')} without --sla-auto-tune: no effect`]
  }
  const given = (field: FlagField): boolean => userSet.includes(field)
  const lines = values.slaVariable === 'parallel' ? parallelWarnings(values, given) : rateWarnings(values, given)
  if (!given('number')) return lines
  const number = values.number?.join(' ')
  return [
    ...lines,
    `--number ${number} has no effect: --sla-number-multiplier says how many requests a value gets, and percentiles how many more`,
  ]
}

type Given = (field: FlagField) => boolean

const parallelWarnings = ({ parallel, rate, slaFixedParallel }: ArgumentValues, given: Given): readonly string[] => {
  const lines: string[] = []
  if (parallel.length > 1) {
    lines.push(`--parallel ${parallel.join(' ')}: the search starts at ${parallel[0]}, the others have no effect`)
  }
  if (rate?.some(value => value !== unpacedRate)) {
    lines.push(`--rate ${rate.join(' ')} has no effect: while --parallel is searched nothing is paced`)
  }
  if (given('slaFixedParallel')) {
    lines.push(`--sla-fixed-parallel ${slaFixedParallel} has no effect: --parallel is what is searched`)
  }
  return lines
}

const rateWarnings = ({ parallel, rate, openLoop }: ArgumentValues, given: Given): readonly string[] => {
  const lines: string[] = []
  if (rate !== undefined && rate.length > 1) {
    lines.push(`--rate ${rate.join(' ')}: the search starts at ${rate[0]}, the others have no effect`)
  }
  // With --open-loop that is told anyway.
  if (given('parallel') && !openLoop) {
    lines.push(`--parallel ${parallel.join(' ')} has no effect while rates are searched; see --sla-fixed-parallel`)
  }
  return lines
}
