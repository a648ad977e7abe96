import type { Environment } from '../arguments/endpoint.ts'
import type { VisualizerName } from '../arguments/follow-flags.ts'
import { ArgumentsError } from '../errors.ts'
import { ClearmlClient } from './clearml.ts'
import { type Credentials, clearmlCredentials, swanlabCredentials, wandbCredentials } from './credentials.ts'
import { SwanlabClient } from './swanlab.ts'
import { localKey, openSwanlabBridge } from './swanlab-bridge.ts'
import type { VisualizerClient } from './visualizer.ts'
import { WandbClient } from './wandb.ts'

/** The deprecated flags that hold what the environment should. */
export interface VisualizerFlags {
  readonly wandbApiKey?: string
  readonly swanlabApiKey?: string
  readonly swanlabHost?: string
}

/** A service that is ready to be spoken to. */
export interface Visualizer {
  readonly credentials: Credentials
  /** Name of the project there. */
  readonly project: string
  /** Gets ready to ask; `stop` ends what takes long. */
  connect(stop: AbortSignal): Promise<VisualizerClient>
}

/** As in the original. */
const usualProject = 'perf_benchmark'

/** Finds the key for a service, without asking anybody. Throws `ArgumentsError` where there is none. */
export const findVisualizer = (name: VisualizerName, flags: VisualizerFlags, env: Environment): Visualizer =>
  finders[name](flags, env)

type Find = (flags: VisualizerFlags, env: Environment) => Visualizer

const findWandb: Find = ({ wandbApiKey }, env) => {
  const credentials = wandbCredentials(wandbApiKey, env)
  const { host, key } = credentials
  const connect = async (): Promise<VisualizerClient> =>
    new WandbClient({ baseUrl: host, key, entity: env.WANDB_ENTITY || undefined, env })
  return { credentials, project: usualProject, connect }
}

const findClearml: Find = (_, env) => {
  const credentials = clearmlCredentials(env)
  const connect = async (): Promise<VisualizerClient> => new ClearmlClient(credentials, env)
  return { credentials, project: env.CLEARML_PROJECT_NAME || usualProject, connect }
}

const findSwanlab: Find = ({ swanlabApiKey, swanlabHost }, env) => {
  const credentials = swanlabCredentials({ key: swanlabApiKey, host: swanlabHost }, env)
  const connect = async (stop: AbortSignal): Promise<VisualizerClient> => {
    const bridge = await openSwanlabBridge(credentials, env, stop)
    if (bridge !== undefined) return bridge
    if (credentials.key !== localKey) return new SwanlabClient(credentials, env)
    throw new ArgumentsError(
      `the swanlab key ${localKey} makes files that only Python's swanlab writes; pip install swanlab`,
    )
  }
  return { credentials, project: env.SWANLAB_PROJ_NAME || usualProject, connect }
}

const finders: Readonly<Record<VisualizerName, Find>> = {
  wandb: findWandb,
  swanlab: findSwanlab,
  clearml: findClearml,
}
