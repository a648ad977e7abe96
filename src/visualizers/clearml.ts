import type { Environment } from '../arguments/endpoint.ts'
import type { HeaderMap } from '../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { Credentials } from './credentials.ts'
import { ServiceConnection } from './service-connection.ts'
import {
  type FollowedBenchmark,
  type Logged,
  type LoggedTable,
  ServiceRefusal,
  type VisualizerClient,
} from './visualizer.ts'

/** Under this title the original reports all that it reports. */
const scalarTitle = 'Performance Metrics'
/** The iteration under which ClearML keeps single values. */
const singleValueIteration = -(2 ** 31)

/** ClearML, by its documented API: a task of type testing, and batches of events. */
export class ClearmlClient implements VisualizerClient {
  readonly service = 'clearml'
  readonly #credentials: Credentials
  readonly #connection: ServiceConnection
  #token: string | undefined
  #project: string | undefined
  #task: string | undefined

  constructor(credentials: Credentials, env: Environment) {
    this.#credentials = credentials
    this.#connection = new ServiceConnection(env)
  }

  async logIn(signal: AbortSignal): Promise<void> {
    const { key, secret } = this.#credentials
    const authorization = `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`
    const { token } = await this.#call('auth.login', {}, signal, { authorization })
    if (typeof token !== 'string') throw new ServiceRefusal('it gives no token for these keys')
    this.#token = token
  }

  async begin({ project, name, config }: FollowedBenchmark, signal: AbortSignal): Promise<string | undefined> {
    this.#project ??= (await this.#findProject(project, signal)) ?? (await this.#makeProject(project, signal))
    if (this.#task === undefined) {
      const asked = { name, project: this.#project, type: 'testing', hyperparams: { General: parametersOf(config) } }
      this.#task = idOf(await this.#call('tasks.create', asked, signal))
    }
    await this.#call('tasks.started', { task: this.#task }, signal)
    const { pages } = this.#credentials
    if (pages === undefined) return `task ${this.#task} in project ${project}`
    return `${pages}/projects/${this.#project}/experiments/${this.#task}/output/log`
  }

  async send(batch: readonly Logged[], signal: AbortSignal): Promise<undefined> {
    const lines = batch.flatMap(item => this.#eventsOf(item)).map(event => JSON.stringify(event))
    const headers = { 'content-type': 'application/json-lines', ...this.#authorization() }
    const url = this.#urlOf('events.add_batch')
    await this.#connection.ask({ url, headers, body: lines.join('\n'), signal })
  }

  async finish(isComplete: boolean, signal: AbortSignal): Promise<void> {
    const message = isComplete ? 'all runs are over' : 'interrupted, or failed'
    const call = isComplete ? 'tasks.completed' : 'tasks.failed'
    await this.#call(call, { task: this.#task ?? null, status_message: message, force: true }, signal)
  }

  close(): void {
    this.#connection.close()
  }

  #eventsOf(item: Logged): readonly JsonObject[] {
    const common = { task: this.#task ?? '', timestamp: Math.round(item.epochMs) }
    if (item.kind === 'table') {
      const plot = { metric: item.title, variant: item.run, plot_str: JSON.stringify(plotOf(item)) }
      return [{ ...common, type: 'plot', iter: item.step, ...plot }]
    }
    return Object.entries(item.figures).map(([name, value]) => ({
      ...common,
      type: 'training_stats_scalar',
      ...(item.kind === 'row'
        ? { iter: item.step, metric: scalarTitle, variant: name }
        : { iter: singleValueIteration, metric: 'Summary', variant: `${item.run} ${name}` }),
      value,
    }))
  }

  /** One of this very name: what is asked for is a regular expression. */
  async #findProject(name: string, signal: AbortSignal): Promise<string | undefined> {
    const pattern = `^${name.replace(/[^\w/ -]/g, '\\$&')}$`
    const asked = { name: pattern, only_fields: ['id', 'name'] }
    const { projects } = await this.#call('projects.get_all', asked, signal)
    const found = (Array.isArray(projects) ? projects : []).find(
      (project: JsonValue) => isJsonObject(project) && project.name === name,
    )
    return isJsonObject(found) && typeof found.id === 'string' ? found.id : undefined
  }

  async #makeProject(name: string, signal: AbortSignal): Promise<string> {
    return idOf(await this.#call('projects.create', { name, description: '' }, signal))
  }

  async #call(
    endpoint: string,
    body: JsonObject,
    signal: AbortSignal,
    headers: HeaderMap = this.#authorization(),
  ): Promise<JsonObject> {
    const answer = await this.#connection.askJson({ url: this.#urlOf(endpoint), headers, body, signal })
    const data = isJsonObject(answer) ? answer.data : undefined
    return isJsonObject(data) ? data : {}
  }

  #urlOf(endpoint: string): string {
    return `${this.#credentials.host}/${endpoint}`
  }

  #authorization(): HeaderMap {
    return { authorization: `Bearer ${this.#token ?? ''}` }
  }
}

const idOf = ({ id }: JsonObject): string => {
  if (typeof id !== 'string') throw new ServiceRefusal('it gives no id for what it made')
  return id
}

/** Every argument as a parameter of the task; values are texts there. */
const parametersOf = (config: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(config).map(([name, value]) => {
      const text = typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value)
      return [name, { section: 'General', name, value: text }]
    }),
  )

/** A table as its pages draw one: by plotly, column by column. */
const plotOf = ({ title, run, columns, rows }: LoggedTable): JsonObject => ({
  data: [
    {
      type: 'table',
      header: { values: columns },
      cells: { values: columns.map((_, at) => rows.map(row => row[at] ?? '')) },
    },
  ],
  layout: { title: `${title} ${run}` },
})
