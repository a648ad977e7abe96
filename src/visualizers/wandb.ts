import { createHash, randomBytes } from 'node:crypto'
import type { Environment } from '../arguments/endpoint.ts'
import type { HeaderMap } from '../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { ServiceConnection } from './service-connection.ts'
import {
  type FollowedBenchmark,
  type Logged,
  type LoggedRow,
  type LoggedTable,
  ServiceRefusal,
  type VisualizerClient,
} from './visualizer.ts'

/** What a W&B client needs. */
export interface WandbOptions {
  /** Without a slash at the end, `https://api.wandb.ai`. */
  readonly baseUrl: string
  readonly key: string
  /** User or team that the run is to belong to; by default the key's own. */
  readonly entity: string | undefined
  readonly env: Environment
}

const viewerQuery = 'query Viewer { viewer { id entity } }'

const upsertMutation = `mutation UpsertBucket(
  $name: String, $project: String, $entity: String, $displayName: String, $config: JSONString, $summaryMetrics: JSONString
) {
  upsertBucket(input: {
    name: $name, modelName: $project, entityName: $entity, displayName: $displayName, config: $config
    summaryMetrics: $summaryMetrics
  }) {
    bucket { id name displayName project { id name entity { id name } } }
    inserted
  }
}`

const uploadQuery = `query RunUploadUrls($name: String!, $files: [String]!, $entity: String, $run: String!, $description: String) {
  model(name: $name, entityName: $entity) {
    bucket(name: $run, desc: $description) {
      id
      files(names: $files) { uploadHeaders edges { node { name url(upload: true) updatedAt } } }
    }
  }
}`

/** Where a run stands on the server. */
interface RunPlace {
  readonly entity: string
  readonly project: string
  readonly id: string
}

/** Weights & Biases, by the calls that its own SDK makes: Viewer, UpsertBucket, and a stream of rows. */
export class WandbClient implements VisualizerClient {
  readonly service = 'wandb'
  readonly #options: WandbOptions
  readonly #connection: ServiceConnection
  readonly #id = randomId()
  readonly #summary: Record<string, JsonValue> = {}
  #entity: string | undefined
  #place: RunPlace | undefined
  #startedMs = 0
  /** Rows that the server has. */
  #sentRows = 0

  constructor(options: WandbOptions) {
    this.#options = options
    this.#entity = options.entity
    this.#connection = new ServiceConnection(options.env)
  }

  async logIn(signal: AbortSignal): Promise<void> {
    const { viewer } = await this.#graphql('Viewer', viewerQuery, {}, signal)
    if (!isJsonObject(viewer)) throw new ServiceRefusal('it does not know the key')
    this.#entity ??= textOf(viewer.entity)
  }

  async begin(benchmark: FollowedBenchmark, signal: AbortSignal): Promise<string | undefined> {
    const { project, name, config, startedMs } = benchmark
    this.#startedMs = startedMs
    const variables = {
      name: this.#id,
      project,
      entity: this.#entity ?? null,
      displayName: name,
      config: JSON.stringify(configOf(config)),
      summaryMetrics: null,
    }
    const { upsertBucket } = await this.#graphql('UpsertBucket', upsertMutation, variables, signal)
    const bucket = objectIn(upsertBucket, 'bucket')
    const place = objectIn(bucket, 'project')
    const entity = textOf(objectIn(place, 'entity').name) ?? this.#entity
    if (entity === undefined) throw new ServiceRefusal('it names no user or team for the run; set WANDB_ENTITY')
    this.#place = { entity, project: textOf(place.name) ?? project, id: textOf(bucket.name) ?? this.#id }
    return `${pagesOf(this.#options.baseUrl)}/${this.#path()}`.replace(/\/([^/]+)$/, '/runs/$1')
  }

  async send(batch: readonly Logged[], signal: AbortSignal): Promise<string | undefined> {
    const rows = batch.filter(item => item.kind === 'row')
    const uploaded: string[] = []
    let missing: string | undefined
    for (const item of batch) {
      if (item.kind === 'table') {
        const upload = await this.#upload(item, signal).catch(refusalOf)
        if (typeof upload === 'string') uploaded.push(upload)
        else missing = `it takes no tables (${upload.message}); figures are sent all the same`
      } else if (item.kind === 'summary') this.#summary[item.run] = { ...item.figures }
      else Object.assign(this.#summary, this.#rowOf(item))
    }
    const history = rows.map(row => JSON.stringify(this.#rowOf(row)))
    await this.#stream(
      {
        files: {
          // The server puts them in their place by the offset: a row that is sent again is no second one.
          ...(history.length > 0 && { 'wandb-history.jsonl': { offset: this.#sentRows, content: history } }),
          'wandb-summary.json': { offset: 0, content: [JSON.stringify(this.#summary)] },
        },
        ...(uploaded.length > 0 && { uploaded }),
      },
      signal,
    )
    this.#sentRows += history.length
    return missing
  }

  async finish(isComplete: boolean, signal: AbortSignal): Promise<void> {
    await this.#stream({ complete: true, exitcode: isComplete ? 0 : 1 }, signal)
  }

  close(): void {
    this.#connection.close()
  }

  #rowOf({ figures, step, epochMs }: LoggedRow): JsonObject {
    const runtime = Math.max(0, epochMs - this.#startedMs) / 1000
    return { ...figures, _step: step, _timestamp: epochMs / 1000, _runtime: runtime }
  }

  /** A table is a file beside the run, which the summary names. */
  async #upload(table: LoggedTable, signal: AbortSignal): Promise<string> {
    const { entity, project, id } = this.#whereItStands()
    const text = JSON.stringify({ columns: table.columns, data: table.rows })
    const sha256 = createHash('sha256').update(text).digest('hex')
    const key = `${table.run}/${table.title}`
    const path = `media/table/${key}_${table.step}_${sha256.slice(0, 20)}.table.json`
    const variables = { name: project, entity, run: id, files: [path], description: null }
    const { model } = await this.#graphql('RunUploadUrls', uploadQuery, variables, signal)
    const files = objectIn(objectIn(model, 'bucket'), 'files')
    const [edge] = Array.isArray(files.edges) ? files.edges : []
    const given = textOf(objectIn(edge, 'node').url)
    if (given === undefined) throw new ServiceRefusal('it takes no files')
    // A server of one's own may name itself without its host.
    const url = new URL(given, this.#options.baseUrl).href
    const headers = { 'content-type': 'application/json', ...uploadHeaders(files.uploadHeaders) }
    await this.#connection.ask({ url, method: 'PUT', headers, body: text, signal })
    this.#summary[key] = {
      _type: 'table-file',
      path,
      sha256,
      size: Buffer.byteLength(text),
      ncols: table.columns.length,
      nrows: table.rows.length,
    }
    return path
  }

  #stream(body: JsonObject, signal: AbortSignal): Promise<unknown> {
    const url = `${this.#options.baseUrl}/files/${this.#path()}/file_stream`
    return this.#connection.askJson({ url, headers: this.#authorization(), body, signal })
  }

  async #graphql(
    operationName: string,
    query: string,
    variables: JsonObject,
    signal: AbortSignal,
  ): Promise<JsonObject> {
    const url = `${this.#options.baseUrl}/graphql`
    const body = { operationName, query, variables }
    const answer = await this.#connection.askJson({ url, headers: this.#authorization(), body, signal })
    const { data, errors } = isJsonObject(answer as JsonValue) ? (answer as JsonObject) : {}
    const [error] = Array.isArray(errors) ? errors : []
    if (isJsonObject(error)) throw new ServiceRefusal(textOf(error.message) ?? `it fails at ${operationName}`)
    return isJsonObject(data) ? data : {}
  }

  #authorization(): HeaderMap {
    return { authorization: `Basic ${Buffer.from(`api:${this.#options.key}`).toString('base64')}` }
  }

  #path(): string {
    const { entity, project, id } = this.#whereItStands()
    return [entity, project, id].map(encodeURIComponent).join('/')
  }

  #whereItStands(): RunPlace {
    if (this.#place === undefined) throw new Error('the run has not begun')
    return this.#place
  }
}

/** A refusal as a value; any other error goes on. */
const refusalOf = (error: unknown): ServiceRefusal => {
  if (error instanceof ServiceRefusal) return error
  throw error
}

/** Each value in an object of its own. */
const configOf = (config: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [key, { value: value ?? null }]))

/** Pages of the hosted service are on a host of their own. */
const pagesOf = (baseUrl: string): string => baseUrl.replace(/^https:\/\/api\.wandb\.ai$/, 'https://wandb.ai')

const objectIn = (value: JsonValue | undefined, key: string): JsonObject => {
  const inner = isJsonObject(value) ? value[key] : undefined
  return isJsonObject(inner) ? inner : {}
}

const textOf = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** `["Content-Type:application/json"]` as headers. */
const uploadHeaders = (given: JsonValue | undefined): HeaderMap =>
  Object.fromEntries(
    (Array.isArray(given) ? given : []).flatMap((line: JsonValue) => {
      const [, name, value] = /^([^:]+):\s*(.*)$/.exec(String(line)) ?? []
      return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value] as const]
    }),
  )

/** Eight letters and digits, as theirs are. */
const randomId = (): string => [...randomBytes(8)].map(byte => (byte % 36).toString(36)).join('')
