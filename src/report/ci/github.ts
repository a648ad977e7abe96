import { type CiCheck, ciChecks } from './checks.ts'
import type { CiReport } from './ci-report.ts'
import { type AnnotationLevel, annotationLine } from './workflow-command.ts'

/** GitHub shows so many annotations of each level for a step, and drops the others without a word. */
const mostOfLevel = 10

/** A step summary that is larger is dropped as a whole. */
const mostSummaryBytes = 1024 * 1024

/**
 * The lines that make GitHub Actions annotate a step: an error for what fails the benchmark, a warning for what is as
 * nobody wants it, or one notice that all is well.
 */
export const annotationLines = (report: CiReport): readonly string[] => {
  const checks = ciChecks(report)
  const [errors, warnings] = (['error', 'warning'] as const).map(level =>
    limited(
      level,
      checks.filter(check => levelOf(check) === level),
    ),
  ) as [readonly string[], readonly string[]]
  if (errors.length + warnings.length > 0) return [...errors, ...warnings]
  return [annotationLine('notice', 'evalscope perf', allIsWell(report, checks))]
}

const levelOf = ({ outcome }: CiCheck): AnnotationLevel | undefined => {
  if (outcome === 'passed' || outcome === 'aside') return undefined
  return outcome === 'noted' ? 'warning' : 'error'
}

const limited = (level: AnnotationLevel, checks: readonly CiCheck[]): readonly string[] => {
  const lines = checks.map(check => annotationLine(level, titleOf(check), wordsOf(check)))
  if (lines.length <= mostOfLevel) return lines
  const left = lines.length - mostOfLevel + 1
  const rest = annotationLine(level, 'evalscope perf', `${left} more; the step summary has them all`)
  return [...lines.slice(0, mostOfLevel - 1), rest]
}

const titleOf = ({ run, name }: CiCheck): string => ['evalscope perf', run, name].filter(Boolean).join(': ')

/** Of a verdict its reasons in full; of the others the one line, which says it all. */
const wordsOf = ({ kind, message, details }: CiCheck): string =>
  kind === 'verdict' && details.length > 0 ? `${message.split(':', 1)[0]}: ${details.join(' ')}` : message

const allIsWell = ({ runs, gates }: CiReport, checks: readonly CiCheck[]): string => {
  const valid = checks.filter(({ kind, outcome }) => kind === 'verdict' && outcome === 'passed').length
  const gateCount = gates?.checks.length ?? 0
  const gateText = gateCount === 0 ? [] : [`${gateCount} of ${gateCount} gates passed`]
  return [`${valid} of ${runs.length} ${runs.length === 1 ? 'run' : 'runs'} VALID`, ...gateText].join(', ')
}

/**
 * What is appended to a step summary that holds `beforeBytes` already: all of the Markdown, or as many whole lines as
 * GitHub still takes, with one that says so. Undefined where there is no room for anything.
 */
export const summaryAddition = (markdown: string, beforeBytes: number): string | undefined => {
  // Another program's last line may lack its end, or be a paragraph that ours would go on with.
  const text = beforeBytes === 0 ? markdown : `\n\n${markdown}`
  const room = mostSummaryBytes - beforeBytes
  if (Buffer.byteLength(text) <= room) return text
  const note = '\n\n_The rest does not fit into a step summary; see the log of the step._\n'
  const bytes = Buffer.from(text).subarray(0, Math.max(0, room - Buffer.byteLength(note)))
  const end = bytes.lastIndexOf(0x0a)
  return end <= 0 ? undefined : bytes.subarray(0, end).toString() + note
}
