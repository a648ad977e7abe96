import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Logged, ServiceRefusal } from '../../src/visualizers/visualizer.ts'
import { WandbClient } from '../../src/visualizers/wandb.ts'
import { anyTime, benchmark, someItems } from './items.ts'
import { type SeenCall, type Service, startService, wandbKey, wandbReply } from './service.ts'

interface SdkCall {
  readonly method: string
  readonly path: string
  readonly type: string
  readonly authorization: string
  readonly operation?: string
  readonly body: Readonly<Record<string, unknown>>
}

const sdkCalls: readonly SdkCall[] = JSON.parse(
  readFileSync(new URL('./fixtures/wandb-sdk-calls.json', import.meta.url), 'utf8'),
)

let service: Service
beforeEach(async () => {
  service = await startService(wandbReply)
})
afterEach(() => service.close())

const connect = (key = wandbKey): WandbClient =>
  new WandbClient({ baseUrl: service.url, key, entity: undefined, env: {} })

/** The calls for these items, from the login to the end. */
const callsFor = async (items: readonly Logged[] = someItems.slice(0, 2)): Promise<readonly SeenCall[]> => {
  const client = connect()
  await client.logIn(anyTime)
  await client.begin(benchmark, anyTime)
  await client.send(items, anyTime)
  await client.finish(true, anyTime)
  client.close()
  return service.calls
}

/** `$name: $x` pairs of a query, and the fields that it asks for. */
const namesIn = (query: unknown): ReadonlySet<string> => new Set(String(query).match(/[$\w]+(?::\s*\$\w+)?/g) ?? [])

/** Keys and kinds of a JSON value; of texts that hold JSON those within. */
const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value === 'string' && value.startsWith('{')) return shapeOf(JSON.parse(value))
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]))
}

describe("our calls beside those of W&B's own SDK", () => {
  test('are the same, in the same order, with the same headers', async () => {
    const ours = (await callsFor()).map(({ method, path, operation, headers }) => ({
      method,
      path,
      operation,
      type: headers['content-type'],
      authorization: headers.authorization?.split(' ')[0],
    }))
    const theirs = sdkCalls.map(({ method, path, operation, type, authorization }) => ({
      ...{ method, path, operation, type, authorization },
    }))
    expect(ours).toEqual(theirs)
  })

  test('ask for nothing and hand over nothing that theirs do not know', async () => {
    const calls = await callsFor()
    for (const at of [0, 1]) {
      const [ours, theirs] = [calls[at]?.body, sdkCalls[at]?.body]
      const known = namesIn(theirs?.query)
      expect([...namesIn(ours.query)].filter(name => !known.has(name))).toEqual([])
      expect(ours.operationName).toBe(theirs?.operationName)
      expect(Object.keys(ours.variables).filter(name => !known.has(`$${name}`))).toEqual([])
    }
    const { name, project, entity, displayName } = calls[1]?.body.variables ?? {}
    expect(name).toMatch(/^[a-z\d]{8}$/)
    expect({ project, entity, displayName }).toEqual({
      project: 'perf_benchmark',
      entity: 'somebody',
      displayName: 'model_20260102_030405',
    })
  })

  test('stream rows and their end in the same form', async () => {
    const [rows, end] = (await callsFor()).slice(2)
    const own = JSON.parse(JSON.stringify(rows?.body).replaceAll(',\\"Concurrency\\":1', ''))
    expect(shapeOf(own)).toEqual(shapeOf(sdkCalls[2]?.body))
    expect(end?.body).toEqual(sdkCalls[3]?.body)
  })
})

test('a row is a line at its offset, and the summary has the last figures', async () => {
  const client = connect()
  await client.logIn(anyTime)
  expect(await client.begin(benchmark, anyTime)).toBe(`${service.url}/somebody/perf_benchmark/runs/run00001`)
  await client.send(someItems.slice(0, 1), anyTime)
  await client.send(someItems.slice(1, 2), anyTime)
  client.close()
  const streams = service.calls.slice(2).map(({ body }) => body.files)
  expect(streams.map(files => files['wandb-history.jsonl'].offset)).toEqual([0, 1])
  expect(JSON.parse(streams[1]['wandb-history.jsonl'].content[0])).toEqual({
    ...{ 'Avg TTFT (ms)': 13.5, Concurrency: 1 },
    ...{ _step: 1, _timestamp: 1_767_322_002, _runtime: 2 },
  })
  expect(JSON.parse(streams[1]['wandb-summary.json'].content[0])).toMatchObject({ 'Avg TTFT (ms)': 13.5, _step: 1 })
})

test('all arguments are its configuration, each in a value', async () => {
  await callsFor()
  expect(JSON.parse(service.calls[1]?.body.variables.config)).toEqual({
    parallel: { value: [1, 2] },
    model: { value: 'model' },
    api_key: { value: '**********' },
    stop: { value: null },
  })
})

test('a table is a file of the run that the summary names, and goes up without the key', async () => {
  await callsFor(someItems)
  const [ask, upload, stream] = service.calls.slice(2)
  const [path] = ask?.body.variables.files ?? []
  expect(path).toMatch(/^media\/table\/parallel_1_number_4\/Percentiles_1_[\da-f]{20}\.table\.json$/)
  expect(upload).toMatchObject({ method: 'PUT', path: '/upload/file' })
  expect(upload?.headers['x-kind']).toBe('table')
  expect(upload?.headers.authorization).toBeUndefined()
  const table = { columns: ['Percentiles', 'TTFT (ms)'], data: [['50%', 13.1], ['99%', null]] } // biome-ignore format: a table
  expect(upload?.body).toEqual(table)
  const summary = JSON.parse(stream?.body.files['wandb-summary.json'].content[0])
  expect(summary.parallel_1_number_4).toEqual({ 'Avg TTFT (ms)': 13.5 })
  expect(summary['parallel_1_number_4/Percentiles']).toMatchObject({
    ...{ _type: 'table-file', path, ncols: 2, nrows: 2, size: Buffer.byteLength(upload?.text ?? '') },
  })
})

test('where it takes no files, figures arrive all the same', async () => {
  await service.close()
  service = await startService((call, url) =>
    call.path.startsWith('/upload/') ? { status: 403, json: 'AccessDenied' } : wandbReply(call, url),
  )
  const client = connect()
  await client.logIn(anyTime)
  await client.begin(benchmark, anyTime)
  expect(await client.send(someItems, anyTime)).toMatch(
    /^it takes no tables \(HTTP 403: .*AccessDenied.*\); figures are/,
  )
  client.close()
  const { files } = service.calls.at(-1)?.body ?? {}
  expect(files['wandb-history.jsonl'].content).toHaveLength(2)
  expect(files['wandb-summary.json'].content[0]).not.toContain('table-file')
})

test('a wrong key is refused', async () => {
  const client = connect('another-key')
  await expect(client.logIn(anyTime)).rejects.toThrow(ServiceRefusal)
  client.close()
})
