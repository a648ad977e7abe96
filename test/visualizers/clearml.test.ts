import { afterEach, beforeEach, expect, test } from 'vitest'
import { ClearmlClient } from '../../src/visualizers/clearml.ts'
import { anyTime, benchmark, someItems } from './items.ts'
import { clearmlReply, type Service, startService } from './service.ts'

let service: Service
beforeEach(async () => {
  service = await startService(clearmlReply)
})
afterEach(() => service.close())

const connect = (pages = 'https://pages'): ClearmlClient =>
  new ClearmlClient({ host: service.url, ...(pages && { pages }), key: 'access', secret: 'secret' }, {})

test('a benchmark is one task of type testing, in a project of its own', async () => {
  const client = connect()
  await client.logIn(anyTime)
  expect(await client.begin(benchmark, anyTime)).toBe('https://pages/projects/project-1/experiments/task-1/output/log')
  await client.finish(true, anyTime)
  client.close()
  const [login, ...others] = service.calls
  expect(login?.headers.authorization).toBe(`Basic ${Buffer.from('access:secret').toString('base64')}`)
  expect(others.map(({ headers }) => headers.authorization)).toEqual(Array(5).fill('Bearer token-of-clearml'))
  expect(service.calls.map(({ path }) => path)).toEqual([
    ...['/auth.login', '/projects.get_all', '/projects.create', '/tasks.create', '/tasks.started', '/tasks.completed'],
  ])
  expect(others[2]?.body).toMatchObject({
    ...{ name: 'model_20260102_030405', project: 'project-1', type: 'testing' },
    hyperparams: {
      General: { parallel: { section: 'General', name: 'parallel', value: '[1,2]' }, stop: { value: '' } },
    },
  })
})

test('figures are scalars under the title of the original, by step; tables are plots', async () => {
  const client = connect()
  await client.logIn(anyTime)
  await client.begin(benchmark, anyTime)
  await client.send(someItems, anyTime)
  client.close()
  const { body: events, headers } = service.calls.at(-1) ?? {}
  expect(headers?.['content-type']).toBe('application/json-lines')
  const scalar = { type: 'training_stats_scalar', task: 'task-1', metric: 'Performance Metrics' }
  expect(events[0]).toEqual({ ...scalar, variant: 'Avg TTFT (ms)', iter: 0, value: 12.5, timestamp: 1_767_322_001_000 })
  expect(events[2]).toMatchObject({ ...scalar, iter: 1, value: 13.5 })
  expect(events[4]).toMatchObject({ metric: 'Summary', variant: 'parallel_1_number_4 Avg TTFT (ms)', iter: -(2 ** 31) })
  expect(events[5]).toMatchObject({ type: 'plot', metric: 'Percentiles', variant: 'parallel_1_number_4', iter: 1 })
  expect(JSON.parse(events[5].plot_str).data).toEqual([
    {
      type: 'table',
      header: { values: ['Percentiles', 'TTFT (ms)'] },
      cells: { values: [['50%', '99%'], [13.1, '']] }, // biome-ignore format: by column
    },
  ])
})

test('an interrupted benchmark is a failed task, also on a server whose pages nobody has named', async () => {
  const client = connect('')
  await client.logIn(anyTime)
  expect(await client.begin(benchmark, anyTime)).toBe('task task-1 in project perf_benchmark')
  await client.finish(false, anyTime)
  client.close()
  expect(service.calls.at(-1)?.path).toBe('/tasks.failed')
})
