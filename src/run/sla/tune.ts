import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Arguments } from '../../arguments/arguments.ts'
import { ArgumentsError } from '../../errors.ts'
import { explainIdleGoals, readSlaGroups } from '../../plan/sla/sla-groups.ts'
import { explainSlaStart } from '../../plan/sla/sla-points.ts'
import { jsonFileText } from '../../report/json.ts'
import { slaSummaryJson } from '../../report/sla/sla-json.ts'
import { slaReport } from '../../report/sla/sla-report.ts'
import type { SlaOutcome } from '../../stats/sla/outcome.ts'
import { writeFileText } from '../result-files.ts'
import { searchSla } from './search-sla.ts'
import { SlaPoints, type SlaPointsParts } from './sla-points.ts'

/** What a search is given by the program around it. */
export interface TuneParts extends Pick<SlaPointsParts, 'base' | 'cores' | 'run' | 'pause' | 'isStopped'> {
  readonly args: Arguments
  readonly say: (line: string) => void
}

/** Searches for the values that satisfy `--sla-params`; with what ended it before its time, if anything did. */
export const tuneSla = async ({
  args,
  say,
  ...parts
}: TuneParts): Promise<{ readonly sla: SlaOutcome; readonly problem: Error | undefined }> => {
  const { values } = args
  const groups = readSlaGroups(values)
  for (const line of [...explainSlaStart(values), ...explainIdleGoals(groups)]) say(line)
  const points = new SlaPoints({ ...parts, values, groups })
  const sla = await searchSla({ values, groups, points, say })
  return { sla, problem: points.problem }
}

const directoryName = 'sla_tuning'
const summaryName = 'sla_summary.json'

/** Where the runs of a search stand; throws `ArgumentsError` where another search has left its own. */
export const slaDirectory = (outputPath: string): string => {
  const taken = [directoryName, summaryName].map(name => join(outputPath, name)).find(path => existsSync(path))
  if (taken === undefined) return join(outputPath, directoryName)
  throw new ArgumentsError(
    `${taken} is there already, from another search; give another --name or --outputs-dir, or remove it`,
  )
}

/** What is to be said of runs that stand at `path`, where a search made them. */
export const explainSlaRuns = (path: string): string | undefined => {
  if (basename(path) !== directoryName) return undefined
  const summary = join(dirname(path), summaryName)
  const where = existsSync(summary)
    ? `what that came to stands in ${summary}`
    : 'which was killed before it had an answer'
  return `these are the single runs of an SLA search: ${where}`
}

/** Writes `sla_summary.json` and gives its path. */
export const writeSlaSummary = (outputPath: string, outcome: SlaOutcome): string =>
  writeFileText(join(outputPath, summaryName), jsonFileText(slaSummaryJson(outcome)))

/** What goes below the report over all values, for a terminal of so many columns, or a pipe or file. */
export const slaAnswer =
  (outcome: SlaOutcome) =>
  (columns: number | undefined): string =>
    slaReport(outcome, columns)

/** Throws `ArgumentsError` for what no search can be made of, before anything else is done. */
export const checkSlaParams = ({ values }: Arguments): void => {
  if (values.slaAutoTune) readSlaGroups(values)
}
