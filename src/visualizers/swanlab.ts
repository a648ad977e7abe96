import type { Environment } from '../arguments/endpoint.ts'
import type { HeaderMap } from '../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { Credentials } from './credentials.ts'
import { ServiceConnection } from './service-connection.ts'
import { type FollowedBenchmark, type Logged, ServiceRefusal, type VisualizerClient } from './visualizer.ts'

/** Where an experiment stands on the server. */
interface ExperimentPlace {
  readonly owner: string
  readonly project: string
  readonly projectId: string
  readonly experimentId: string
  readonly flagId: string | null
}

/** Told once, as lines are. */
const withoutTables =
  "tables take Python's swanlab, which is not here (pip install swanlab); figures are sent all the same"

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly body?: JsonValue
  readonly accepted?: readonly number[]
}

/** A tag of the original's, by which SwanLab knows where figures come from. */
export const frameworkTag = '📏evalscope'

/**
 * SwanLab without its package, by the calls that this makes: they are not documented, so this is the way where there is
 * no Python. Tables take a storage of files beside the service; only their figures are sent.
 */
export class SwanlabClient implements VisualizerClient {
  readonly service = 'swanlab'
  readonly #credentials: Credentials
  readonly #connection: ServiceConnection
  readonly #columns = new Set<string>()
  /** How many values each key has had. */
  readonly #counts = new Map<string, number>()
  #session: string | undefined
  #user: string | undefined
  #place: ExperimentPlace | undefined

  constructor(credentials: Credentials, env: Environment) {
    this.#credentials = credentials
    this.#connection = new ServiceConnection(env)
  }

  async logIn(signal: AbortSignal): Promise<void> {
    const headers = { authorization: this.#credentials.key }
    const answer = await this.#connection.askJson({ url: this.#urlOf('/login/api_key'), headers, body: {}, signal })
    const { sid, userInfo } = objectOf(answer)
    if (typeof sid !== 'string') throw new ServiceRefusal('it gives no session for this key')
    this.#session = sid
    this.#user = textOf(objectOf(userInfo).username)
  }

  async begin(benchmark: FollowedBenchmark, signal: AbortSignal): Promise<string | undefined> {
    this.#place ??= await this.#makeExperiment(benchmark, signal)
    const { owner, project, experimentId } = this.#place
    const path = `/project/${pathOf(owner, project)}/runs/${experimentId}/profile`
    await this.#call({ method: 'PUT', path, body: { config: configOf(benchmark.config) } }, signal)
    return `${this.#credentials.host}/@${pathOf(owner, project)}/runs/${experimentId}`
  }

  async send(batch: readonly Logged[], signal: AbortSignal): Promise<string | undefined> {
    const metrics = batch.flatMap(item => {
      if (item.kind === 'table') return []
      const prefix = item.kind === 'row' ? '' : `${item.run}/`
      return Object.entries(item.figures).map(([name, data]) => ({ item, key: `${prefix}${name}`, data }))
    })
    const missing = batch.some(({ kind }) => kind === 'table') ? withoutTables : undefined
    if (metrics.length === 0) return missing
    const { experimentId, projectId, flagId } = this.#whereItStands()
    const keys = metrics.map(({ key }) => key)
    await this.#addColumns(keys, signal)
    const rows = metrics.map(({ item, key, data }) => ({
      data,
      key,
      index: item.step,
      epoch: this.#count(key),
      create_time: new Date(item.epochMs).toISOString(),
    }))
    const body = { projectId, experimentId, type: 'scalar', metrics: rows, flagId }
    await this.#call({ method: 'POST', path: '/house/metrics', body }, signal)
    return missing
  }

  async finish(isComplete: boolean, signal: AbortSignal): Promise<void> {
    const { owner, project, experimentId } = this.#whereItStands()
    const path = `/project/${pathOf(owner, project)}/runs/${experimentId}/state`
    const body = { state: isComplete ? 'FINISHED' : 'CRASHED', from: 'sdk' }
    await this.#call({ method: 'PUT', path, body }, signal)
  }

  close(): void {
    this.#connection.close()
  }

  async #makeExperiment(
    { project, name, startedMs }: FollowedBenchmark,
    signal: AbortSignal,
  ): Promise<ExperimentPlace> {
    const { workspace } = this.#credentials
    // One that is there answers with a conflict, and what it is.
    const wanted = { name: project, ...(workspace && { username: workspace }) }
    const made = await this.#call({ method: 'POST', path: '/project', body: wanted, accepted: [409] }, signal)
    const owner = textOf(made.username) ?? workspace ?? this.#user
    if (owner === undefined) throw new ServiceRefusal('it names no workspace; set SWANLAB_WORKSPACE')
    const path = `/project/${pathOf(owner, project)}`
    const found = await this.#call({ method: 'GET', path }, signal)
    const asked = {
      name,
      colors: ['#528d59', '#528d59'],
      labels: [{ name: frameworkTag }],
      createdAt: new Date(startedMs).toISOString(),
    }
    const experiment = await this.#call({ method: 'POST', path: `${path}/experiment`, body: asked }, signal)
    const [projectId, experimentId] = [textOf(found.cuid), textOf(experiment.cuid)]
    if (!projectId || !experimentId) throw new ServiceRefusal('it gives no id for the experiment')
    return { owner, project, projectId, experimentId, flagId: textOf(experiment.flagId) ?? null }
  }

  /** Every key is announced once. */
  async #addColumns(keys: readonly string[], signal: AbortSignal): Promise<void> {
    const unknown = [...new Set(keys)].filter(key => !this.#columns.has(key))
    if (unknown.length === 0) return
    const columns = unknown.map(key => ({ class: 'CUSTOM', type: 'FLOAT', key }))
    const path = `/experiment/${this.#whereItStands().experimentId}/columns`
    await this.#call({ method: 'POST', path, body: columns }, signal)
    for (const key of unknown) this.#columns.add(key)
  }

  #count(key: string): number {
    const count = (this.#counts.get(key) ?? 0) + 1
    this.#counts.set(key, count)
    return count
  }

  async #call({ path, body, ...how }: Call, signal: AbortSignal): Promise<JsonObject> {
    const flagId = this.#place?.flagId
    const headers: HeaderMap = { cookie: `sid=${this.#session ?? ''}`, ...(flagId ? { flagid: flagId } : {}) }
    return objectOf(await this.#connection.askJson({ ...how, url: this.#urlOf(path), headers, body, signal }))
  }

  #urlOf(path: string): string {
    const { host } = this.#credentials
    if (/^https:\/\/(www\.)?swanlab\.cn$/.test(host)) return `https://api.swanlab.cn/api${path}`
    return `${host.endsWith('/api') ? host : `${host}/api`}${path}`
  }

  #whereItStands(): ExperimentPlace {
    if (this.#place === undefined) throw new Error('the experiment has not begun')
    return this.#place
  }
}

const configOf = (config: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries({ framework: frameworkTag, ...config }).map(([key, value], sort) => [
      key,
      { value: value ?? null, sort, desc: '' },
    ]),
  )

const pathOf = (...parts: readonly string[]): string => parts.map(encodeURIComponent).join('/')

const objectOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {})

const textOf = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
