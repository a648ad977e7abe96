import { createServer } from 'node:http'
import { resolveKnobs } from '../../dist/server/knobs.js'
import { Simulation } from '../../dist/server/simulation.js'

const isLoad = ({ method, headers }) => method === 'POST' && !String(headers['x-request-id']).startsWith('probe')

/**
 * The simulated server, and when it had read and finished each request of a load: `requests` maps ids to
 * `{ finishedMs }`. `onChange` is called whenever something has come or gone.
 */
export const startWatchedServer = async (knobs, onChange) => {
  const simulation = new Simulation(resolveKnobs(knobs), undefined)
  const requests = new Map()
  const state = { requests, wasProbed: false, finished: 0 }
  const watch = (request, response) => {
    if (request.method !== 'POST') return
    if (!isLoad(request)) state.wasProbed = true
    else {
      const entry = { finishedMs: undefined }
      requests.set(request.headers['x-request-id'], entry)
      response.on('finish', () => {
        entry.finishedMs = performance.now()
        state.finished++
        onChange()
      })
    }
    onChange()
  }
  const server = createServer({ noDelay: true, keepAliveTimeout: 75_000, requestTimeout: 0 }, (request, response) => {
    watch(request, response)
    simulation.handle(request, response)
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const close = async () => {
    simulation.stop()
    const closed = new Promise(resolve => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  return { url: `http://127.0.0.1:${server.address().port}`, state, close }
}
