import { version } from '../version.ts'

/** What a GET request is answered with. */
export interface Page {
  readonly type: string
  readonly body: string
}

/** What pages tell of the server. */
export interface ServerFacts {
  readonly modelId: string
  readonly startedSec: number
  /** In Prometheus' text format. */
  metricsText(): string
}

/** The page at a path, as vLLM or Ollama have it there; undefined where they have none. */
export const pageAt = (path: string, facts: ServerFacts): Page | undefined => pages[path]?.(facts)

/** A page with a JSON value. */
export const jsonPage = (value: object): Page => ({ type: 'application/json', body: JSON.stringify(value) })

const versionPage = (): Page => jsonPage({ version: version() })

const pages: Readonly<Record<string, (facts: ServerFacts) => Page>> = {
  '/v1/models': ({ modelId, startedSec }) =>
    jsonPage({
      object: 'list',
      data: [{ id: modelId, object: 'model', created: startedSec, owned_by: 'evalscope' }],
    }),
  '/api/tags': ({ modelId, startedSec }) => {
    const modified_at = new Date(startedSec * 1000).toISOString()
    return jsonPage({ models: [{ name: modelId, model: modelId, modified_at, size: 0, digest: '', details: {} }] })
  },
  '/api/version': versionPage,
  '/version': versionPage,
  // vLLM's is empty: the status says it.
  '/health': () => ({ type: 'text/plain', body: '' }),
  '/metrics': ({ metricsText }) => ({ type: 'text/plain; version=0.0.4; charset=utf-8', body: metricsText() }),
}
