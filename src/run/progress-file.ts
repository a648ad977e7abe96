import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { reasonOf } from '../errors.ts'
import type { RunPlan } from '../model/run-plan.ts'
import type { FollowedMoment, FollowedRun, Follower } from './following.ts'
import { writeFileText } from './result-files.ts'

/** Where a benchmark tells how far it is. */
export const progressFileName = 'progress.json'

type ProgressStatus = 'running' | 'completed' | 'error'

/** What a progress file is written of. */
export interface ProgressFileParts {
  readonly path: string
  readonly plans: readonly Pick<RunPlan, 'number' | 'durationMs'>[]
  readonly say: (line: string) => void
  /** Run when the process must leave at once. */
  readonly lastActs: Set<() => void>
}

/**
 * `progress.json` of `--enable-progress-tracker`, as a whole or not at all. While a load runs it is written beside the
 * event loop: a slow disk holds up nobody. The last state is written before anything else may happen.
 */
export const openProgressFile = ({ path, plans, say, lastActs }: ProgressFileParts): Follower => {
  let [writing, isBroken]: [Promise<void> | undefined, boolean] = [undefined, false]
  let last: FollowedMoment | undefined
  const fail = (error: unknown): void => {
    if (!isBroken) say(`${progressFileName} is not written: ${reasonOf(error)}`)
    isBroken = true
  }
  const writeLast = (status: ProgressStatus, moment: FollowedMoment): void => {
    lastActs.delete(leave)
    try {
      if (!isBroken) writeFileText(path, progressText(status, plans, moment))
    } catch (error) {
      fail(error)
    }
  }
  const leave = (): void => {
    if (last !== undefined) writeLast('error', { ...last, epochMs: Date.now() })
  }
  lastActs.add(leave)
  return {
    tick: moment => {
      last = moment
      if (writing !== undefined || isBroken) return
      writing = replaceFile(path, progressText('running', plans, moment))
        .catch(fail)
        .finally(() => {
          writing = undefined
        })
    },
    runEnded: () => undefined,
    close: async (isComplete, moment) => {
      await writing
      writeLast(isComplete ? 'completed' : 'error', moment)
    },
  }
}

const replaceFile = async (path: string, text: string): Promise<void> => {
  const unfinished = join(dirname(path), `.${basename(path)}.next`)
  await rm(unfinished, { force: true })
  await writeFile(unfinished, text, { flag: 'wx' })
  await rename(unfinished, path)
}

/** The file's text, with the keys of the original. */
const progressText = (status: ProgressStatus, plans: ProgressFileParts['plans'], moment: FollowedMoment): string => {
  const processed = moment.overBefore + (moment.run?.figures.over ?? 0)
  const total = totalOf(plans)
  const percent = status === 'completed' ? 100 : percentOf(plans, total, processed, moment)
  const progress = {
    status,
    pipeline: 'perf',
    total_count: total ?? null,
    processed_count: processed,
    percent: Math.round(percent * 100) / 100,
    updated_at: localIsoText(moment.epochMs),
  }
  return `${JSON.stringify(progress, null, 2)}\n`
}

/** Undefined where a run has no number: it sends as many as its duration allows. */
const totalOf = (plans: ProgressFileParts['plans']): number | undefined =>
  plans.reduce<number | undefined>(
    (sum, { number }) => (sum === undefined || number === undefined ? undefined : sum + number),
    0,
  )

/** By what is done of what is to be done or, where a duration may end a run before its number, by runs and time. */
const percentOf = (
  plans: ProgressFileParts['plans'],
  total: number | undefined,
  processed: number,
  { run, endedRuns, epochMs }: FollowedMoment,
): number => {
  const isTimed = total === undefined || plans.some(({ durationMs }) => durationMs !== undefined)
  const part = isTimed
    ? (endedRuns + (run === undefined ? 0 : partOf(run, epochMs))) / plans.length
    : processed / Math.max(1, total)
  return 100 * Math.min(1, part)
}

/** How much of a run is over: by number or by time, whichever is further. */
const partOf = ({ plan, figures, startedMs }: FollowedRun, epochMs: number): number => {
  const byNumber = plan.number === undefined ? 0 : figures.over / plan.number
  const gone = startedMs === undefined ? 0 : Math.max(0, epochMs - startedMs)
  const byTime = plan.durationMs === undefined ? 0 : gone / plan.durationMs
  return Math.min(1, Math.max(byNumber, byTime))
}

/** Local time with its distance from UTC, `2026-01-02T03:04:05.678000+01:00`, with the six decimals of the original. */
const localIsoText = (epochMs: number): string => {
  const eastMin = -new Date(epochMs).getTimezoneOffset()
  const local = new Date(epochMs + eastMin * 60_000).toISOString().replace('Z', '000')
  const two = (part: number): string => String(Math.trunc(part)).padStart(2, '0')
  return `${local}${eastMin < 0 ? '-' : '+'}${two(Math.abs(eastMin) / 60)}:${two(Math.abs(eastMin) % 60)}`
}
