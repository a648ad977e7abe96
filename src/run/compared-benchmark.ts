import { basename, dirname, resolve } from 'node:path'
import type { FirstToken } from '../model/comparison.ts'
import type { JsonObject } from '../model/json.ts'
import { hasOutputTokens, hasSchedule, type LoadShape } from '../model/run-plan.ts'
import type { Verdict } from '../model/verdict.ts'
import { plainText } from '../plain-text.ts'
import type { RunKind } from '../stats/estimates.ts'
import { comparedRequest, RequestCollector, type RequestColumns } from '../stats/request-columns.ts'
import { isOriginalDatabase } from '../store/original-rows.ts'
import { readOriginalRun } from './original-run.ts'
import { findDatabases, readResults } from './stored-benchmark.ts'
import type { StoredRun } from './stored-run.ts'

/** A run that can be compared, be it ours or of Python's evalscope. */
export interface ComparedRun {
  /** Of its directory. */
  readonly name: string
  readonly model: string
  readonly load: LoadShape
  readonly kind: RunKind
  /** Undefined for those of the original, which judges none. */
  readonly verdict: Verdict | undefined
  /** As in `benchmark_args.json`; undefined where that is lost. */
  readonly arguments: JsonObject | undefined
  /** Reads its requests; memory is some 100 bytes for each and 4 a gap. */
  requests(firstToken: FirstToken): Promise<RequestColumns>
}

/** A benchmark that can be compared. */
export interface ComparedBenchmark {
  readonly path: string
  readonly isOriginal: boolean
  readonly runs: readonly ComparedRun[]
}

/**
 * Reads the runs of a benchmark, or one of them, from where `evalscope report` finds them, and from directories of Python's
 * evalscope. Lines on what cannot be read go to `say`; throws an ArgumentsError where nothing can.
 */
export const readCompared = async (path: string, say: (line: string) => void): Promise<ComparedBenchmark> => {
  const { databases } = findDatabases(path)
  const originals = await Promise.all(databases.map(isOriginalOrUnreadable))
  if (originals.some(isOriginal => isOriginal)) {
    const [theirs, left] = [databases.filter((_, at) => originals[at]), databases.filter((_, at) => !originals[at])]
    const names = left.map(database => basename(dirname(resolve(database))))
    // Of both together no figure could be said to be the one or the other.
    if (left.length > 0)
      say(plainText(`${path}: left out, as Python's evalscope has not made them: ${names.join(' ')}`))
    return { path, isOriginal: true, runs: theirs.map(database => readOriginalRun(database, say)) }
  }
  const { runs } = await readResults(path, { say })
  return { path, isOriginal: false, runs: runs.map(ownRun) }
}

/** What cannot be read is told by those who read it. */
const isOriginalOrUnreadable = (database: string): Promise<boolean> => isOriginalDatabase(database).catch(() => false)

const ownRun = (run: StoredRun): ComparedRun => {
  const { plan, verdict } = run.result
  return {
    name: basename(run.directory),
    model: plan.model,
    load: plan.load,
    kind: { hasSchedule: hasSchedule(plan.load), hasOutputTokens: hasOutputTokens(plan.task) },
    verdict,
    arguments: run.arguments,
    requests: async firstToken => {
      const collector = new RequestCollector()
      for await (const times of run.times()) {
        const request = comparedRequest(times, firstToken)
        if (request !== undefined) collector.add(request)
      }
      return collector.columns()
    },
  }
}
