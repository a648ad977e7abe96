import type { ArgumentValues, FlagField } from './arguments.ts'
import type { FlagTable } from './flag-row.ts'

/** A service that shows a benchmark to others while it runs. */
export type VisualizerName = 'wandb' | 'swanlab' | 'clearml'

/** The flags about what follows a benchmark, in the order of `--help`. */
export const followFlags = {
  visualizer: {
    kind: 'string',
    arity: 'one',
    choices: ['wandb', 'swanlab', 'clearml'],
    unit: 'service',
    help: 'wandb, swanlab or clearml: figures go there too, once a second; the key comes from the environment, or where their own tools keep it',
  },
  wandbApiKey: { kind: 'string', arity: 'one', help: 'deprecated: --visualizer wandb with WANDB_API_KEY' },
  swanlabApiKey: { kind: 'string', arity: 'one', help: 'deprecated: --visualizer swanlab with SWANLAB_API_KEY' },
  swanlabHost: { kind: 'string', arity: 'one', unit: 'url', help: 'deprecated: SWANLAB_HOST' },
  enableProgressTracker: {
    kind: 'flag',
    default: false,
    help: 'progress.json beside the results tells, once a second, how far the benchmark is',
  },
} satisfies Partial<FlagTable>

/** Flags whose text is a key: an empty one is none. */
export const keyFlags: readonly string[] = ['apiKey', 'wandbApiKey', 'swanlabApiKey']

/** What is asked for, be it by a deprecated key alone, as in the original. */
export const chosenVisualizer = ({
  visualizer,
  wandbApiKey,
  swanlabApiKey,
}: Pick<ArgumentValues, 'visualizer' | 'wandbApiKey' | 'swanlabApiKey'>): VisualizerName | undefined => {
  if (visualizer !== undefined) return visualizer
  if (wandbApiKey !== undefined) return 'wandb'
  return swanlabApiKey === undefined ? undefined : 'swanlab'
}

/** Where deprecated flags went. */
const successors = [
  { field: 'wandbApiKey', flag: '--wandb-api-key', of: 'wandb', variable: 'WANDB_API_KEY' },
  { field: 'swanlabApiKey', flag: '--swanlab-api-key', of: 'swanlab', variable: 'SWANLAB_API_KEY' },
  { field: 'swanlabHost', flag: '--swanlab-host', of: 'swanlab', variable: 'SWANLAB_HOST' },
] as const

/** One line for each of these flags that is old, or was given in vain. */
export const followWarnings = (values: ArgumentValues, userSet: readonly FlagField[]): readonly string[] => {
  const chosen = chosenVisualizer(values)
  const inVain = values.enableProgressTracker && values.slaAutoTune
  const tracker = '--enable-progress-tracker has no effect: a search does not know how many runs it will take'
  const old = successors
    .filter(({ field }) => userSet.includes(field))
    .map(({ flag, of, variable }) => {
      if (chosen === of) return `${flag} is deprecated; set ${variable} and give --visualizer ${of}`
      return `${flag} has no effect: ${chosen === undefined ? 'no --visualizer is given' : `figures go to ${chosen}`}`
    })
  return inVain ? [...old, tracker] : old
}
