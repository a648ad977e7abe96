import { join } from 'node:path'
import type { Arguments } from '../arguments/arguments.ts'
import { chosenVisualizer } from '../arguments/follow-flags.ts'
import { maskArguments } from '../arguments/masked-arguments.ts'
import type { RunPlan } from '../model/run-plan.ts'
import { Following } from './following.ts'
import { type Host, unlessStopped } from './host.ts'
import { modelId, timestamp } from './output-directory.ts'
import type { OpenVisualizer } from './visualizer-follower.ts'

/** What followers are told of a benchmark. */
export interface FollowedPlans {
  readonly plans: readonly RunPlan[]
  readonly outputPath: string
  readonly startedAt: Date
}

/** What follows a benchmark: none, a file, a service, or both. */
export interface Followers {
  readonly following: Following
  /** Begins `progress.json`, where that is asked for. */
  track(plans: FollowedPlans): Promise<void>
  /** Begins the run at the service, where one is asked for. Throws `ArgumentsError` where it refuses that. */
  show(plans: FollowedPlans): Promise<void>
  /** Ends all of it: tells the last state, and gives a service some seconds. */
  close(): Promise<void>
}

/**
 * Logs in to the service that is asked for, if any. Throws `ArgumentsError` without a key or a client, or where the
 * service refuses the key; one that does not answer is tried again later.
 */
export const openFollowers = async (args: Arguments, host: Host, say: (line: string) => void): Promise<Followers> => {
  const visualizer = await openVisualizer(args, host, say)
  const following = new Following(say)
  return {
    following,
    track: async ({ plans, outputPath }) => {
      // A search does not know how many runs it will take.
      if (!args.values.enableProgressTracker || args.values.slaAutoTune) return
      const { openProgressFile, progressFileName } = await import('./progress-file.ts')
      const path = join(outputPath, progressFileName)
      following.add(openProgressFile({ path, plans, say, lastActs: host.lastActs }))
    },
    show: async plans => {
      if (visualizer !== undefined) following.add(await visualizer.begin(benchmarkOf(args, plans, visualizer.secrets)))
    },
    close: async () => {
      await following.close()
      await visualizer?.close()
    },
  }
}

const openVisualizer = async (
  args: Arguments,
  host: Host,
  say: (line: string) => void,
): Promise<OpenVisualizer | undefined> => {
  if (chosenVisualizer(args.values) === undefined) return undefined
  const { logInToVisualizer } = await import('./visualizer-follower.ts')
  const opening = logInToVisualizer(args, host, say)
  try {
    return await unlessStopped(opening, host.stop)
  } catch (error) {
    void opening.then(opened => opened?.close()).catch(() => undefined)
    throw error
  }
}

/** Under the name of the original: `--name`, or the model and the time. */
const benchmarkOf = (
  args: Arguments,
  { plans, outputPath, startedAt }: FollowedPlans,
  secrets: readonly string[],
): Parameters<OpenVisualizer['begin']>[0] => {
  const { model = '', target } = plans[0] ?? {}
  const id = modelId(model)
  return {
    name: args.values.name ?? `${id}_${timestamp(startedAt)}`,
    config: { ...maskArguments(args, [...secrets, ...(target?.secrets ?? [])]), model, model_id: id },
    directory: outputPath,
    startedMs: Date.now(),
  }
}
