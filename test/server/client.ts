import type { SimulationKnobs } from '../../src/server/knobs.ts'
import type { Truth, TruthSummary } from '../../src/server/truth-log.ts'

/** An engine that answers at once: for tests of everything but time. */
export const fastKnobs: Partial<SimulationKnobs> = {
  itlMs: 0.1,
  batchScale: Infinity,
  prefillBaseMs: 0,
  prefillTokensPerSec: Infinity,
}

interface Served {
  readonly url: string
}

/** A POST and its whole answer; `json` throws when there is none. */
export const ask = async (
  server: Served,
  path: string,
  body: unknown,
  requestId?: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const headers = { ...more, ...(requestId !== undefined && { 'x-request-id': requestId }) }
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    get json() {
      return JSON.parse(text)
    },
  }
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: Payload
}

/** Whatever JSON the server sent. */
// biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect inside.
export type Payload = any

/** Payloads of a server-sent event stream: parsed, or the text `[DONE]`. */
export const eventsOf = (stream: string): Payload[] =>
  stream
    .split('\n\n')
    .filter(event => event !== '')
    .map(event => event.replace(/^data: /, ''))
    .map(payload => (payload === '[DONE]' ? payload : JSON.parse(payload)))

/** Events of a stream that names them, as `[name, payload]`. */
export const namedEventsOf = (stream: string): readonly (readonly [name: string, payload: Payload])[] =>
  stream
    .split('\n\n')
    .filter(event => event !== '')
    .map(event => {
      const [, name = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(event) ?? []
      return [name, JSON.parse(data)] as const
    })

export const truthOf = async (server: Served, requestId: string): Promise<Truth> =>
  (await (await fetch(`${server.url}/truth/${encodeURIComponent(requestId)}`)).json()) as Truth

export const summaryOf = async (server: Served): Promise<TruthSummary & { readonly queued: number }> =>
  (await (await fetch(`${server.url}/truth`)).json()) as TruthSummary & { readonly queued: number }

/** Asks again every 10 ms until it holds; throws after the deadline. */
export const eventually = async (holds: () => Promise<boolean>, deadlineMs = 5000): Promise<void> => {
  const endMs = performance.now() + deadlineMs
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`did not come true within ${deadlineMs} ms: ${holds.toString()}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
