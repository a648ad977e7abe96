import { afterEach, beforeEach, expect, test } from 'vitest'
import { SwanlabClient } from '../../src/visualizers/swanlab.ts'
import { anyTime, benchmark, someItems } from './items.ts'
import { type Service, startService, swanlabReply } from './service.ts'

let service: Service
beforeEach(async () => {
  service = await startService(swanlabReply)
})
afterEach(() => service.close())

test('without Python a benchmark is one experiment, its figures scalars with an epoch each', async () => {
  const client = new SwanlabClient({ host: service.url, key: 'key-of-swanlab' }, {})
  await client.logIn(anyTime)
  expect(await client.begin(benchmark, anyTime)).toBe(`${service.url}/@somebody/perf_benchmark/runs/experiment-1`)
  expect(await client.send(someItems, anyTime)).toMatch(/^tables take Python's swanlab/)
  await client.send(someItems.slice(0, 1), anyTime)
  await client.finish(true, anyTime)
  client.close()
  const runs = '/api/project/somebody/perf_benchmark/runs/experiment-1'
  expect(service.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /api/login/api_key',
    'POST /api/project',
    'GET /api/project/somebody/perf_benchmark',
    'POST /api/project/somebody/perf_benchmark/experiment',
    `PUT ${runs}/profile`,
    'POST /api/experiment/experiment-1/columns',
    'POST /api/house/metrics',
    // Columns are announced once.
    'POST /api/house/metrics',
    `PUT ${runs}/state`,
  ])
  const [login, project] = service.calls
  expect(login?.headers.authorization).toBe('key-of-swanlab')
  expect(project?.headers.cookie).toBe('sid=session-1')
  const { body } = service.calls[6] ?? {}
  expect(body).toMatchObject({ projectId: 'project-1', experimentId: 'experiment-1', type: 'scalar', flagId: 'flag-1' })
  expect(body.metrics[0]).toMatchObject({ key: 'Avg TTFT (ms)', data: 12.5, index: 0, epoch: 1 })
  expect(body.metrics[2]).toMatchObject({ key: 'Avg TTFT (ms)', data: 13.5, index: 1, epoch: 2 })
  expect(body.metrics[4]).toMatchObject({ key: 'parallel_1_number_4/Avg TTFT (ms)', data: 13.5, epoch: 1 })
  expect(service.calls[4]?.body.config.framework.value).toBe('📏evalscope')
  expect(service.calls.at(-1)?.body).toMatchObject({ state: 'FINISHED' })
})
