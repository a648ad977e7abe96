import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { planOutput, streamJob, wholeJob } from './answer.ts'
import { monotonicMs } from './clock.ts'
import { Engine } from './engine.ts'
import { EngineMetrics } from './engine-metrics.ts'
import { parseBody } from './generation-request.ts'
import type { SimulationKnobs } from './knobs.ts'
import { drawError } from './latency-model.ts'
import { Pacer } from './pacer.ts'
import { jsonPage, type Page, pageAt, type ServerFacts } from './pages.ts'
import { TruthLog } from './truth-log.ts'
import { errorJson, WireError } from './wire-error.ts'
import { wires } from './wires/index.ts'
import type { Wire, WireRequest } from './wires/wire.ts'

const BODY_LIMIT_BYTES = 64 * 1024 * 1024

/** One engine behind HTTP: takes requests, feeds the engine and keeps the truth about what it wrote. */
export class Simulation {
  readonly #knobs: SimulationKnobs
  readonly #tokenizer: Tokenizer | undefined
  readonly #engine: Engine
  readonly #pacer: Pacer
  readonly #log = new TruthLog()
  readonly #metrics = new EngineMetrics()
  readonly #facts: ServerFacts
  #ordinal = 0
  readonly #deferred: (() => void)[] = []

  constructor(knobs: SimulationKnobs, tokenizer: Tokenizer | undefined) {
    this.#knobs = knobs
    this.#tokenizer = tokenizer
    this.#engine = new Engine(knobs)
    this.#pacer = new Pacer(this.#engine)
    const { modelId } = knobs
    const metricsText = (): string => this.#metrics.text(this.#engine, modelId)
    this.#facts = { modelId, startedSec: epochSec(), metricsText }
  }

  /** Answers one request; whatever goes wrong becomes an error body. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    try {
      this.#route(request, response)
    } catch (error) {
      sendError(response, error)
    }
  }

  /** Emits nothing any more. */
  stop(): void {
    this.#pacer.stop()
  }

  #route(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url?.split('?', 1)[0] ?? ''
    const wire = wireOf.get(path)
    if (wire !== undefined) return this.#receive(wire, request, response)
    const page = pageAt(path, this.#facts) ?? this.#truthPage(path)
    if (page === undefined) throw new WireError(404, `there is no ${path}`)
    demandMethod(request, response, 'GET')
    response.setHeader('content-type', page.type).end(page.body)
  }

  #truthPage(path: string): Page | undefined {
    if (path === '/truth') return jsonPage({ ...this.#log.summary(), queued: this.#engine.queued })
    if (!path.startsWith('/truth/')) return undefined
    const encodedId = path.slice('/truth/'.length)
    const truth = this.#log.find(decodeId(encodedId))
    if (truth === undefined) throw new WireError(404, `no request ${encodedId} is known`)
    return jsonPage(truth)
  }

  #receive(wire: Wire, request: IncomingMessage, response: ServerResponse): void {
    demandMethod(request, response, 'POST')
    const parts: Buffer[] = []
    let bytes = 0
    request.on('data', (part: Buffer) => {
      bytes += part.length
      if (bytes <= BODY_LIMIT_BYTES) parts.push(part)
    })
    request.on('end', () => {
      const receivedMs = monotonicMs()
      this.#defer(() => {
        try {
          if (bytes > BODY_LIMIT_BYTES) throw new WireError(413, `the body exceeds ${BODY_LIMIT_BYTES} bytes`)
          const { headers } = request
          const body = parseBody(Buffer.concat(parts).toString())
          const asked = wire.read(body, { tokenizer: this.#tokenizer, headers })
          this.#generate(asked, headers['x-request-id']?.toString(), receivedMs, response)
        } catch (error) {
          sendError(response, error, wire.errorBody)
        }
      })
    })
  }

  /**
   * Has `work` done after this turn's reads: a wave of requests arrives at once, and setting up each before the next is
   * read would stamp the last of 100 some 5 ms late.
   */
  #defer(work: () => void): void {
    if (this.#deferred.push(work) > 1) return
    setImmediate(() => {
      for (const each of this.#deferred.splice(0)) each()
    })
  }

  #generate(
    { request, format: formatOf }: WireRequest,
    givenId: string | undefined,
    receivedMs: number,
    response: ServerResponse,
  ): void {
    const ordinal = this.#ordinal++
    const requestId = givenId ?? `simulated-${ordinal}`
    const error = drawError(this.#knobs, ordinal, request.stream)
    const plan = planOutput(this.#knobs, request, ordinal, error === 'inband')
    const { promptTokens } = request
    const entry = this.#log.open({ requestId, receivedMs, promptTokens, outputTokens: plan.tokens })
    response.setHeader('x-request-id', requestId)
    if (error === 'http') {
      this.#log.close(entry, 'failed')
      throw new WireError(500, 'simulated failure')
    }
    const format = formatOf(requestId, epochSec())
    const target = { response, log: this.#log, entry }
    const jobOf = request.stream ? streamJob : wholeJob
    const answering = jobOf(request, plan, format, target)
    const job =
      request.isPrefillOnly === true
        ? this.#metrics.observePrefill(answering, receivedMs)
        : this.#metrics.observe(answering, receivedMs, plan.fails ? 'error' : plan.reason)
    response.on('close', () => {
      if (entry.outcome !== 'running') return
      this.#log.close(entry, 'aborted')
      this.#metrics.aborted()
      this.#engine.cancel(job, monotonicMs())
      this.#pacer.reschedule()
    })
    if (request.stream) openStream(response, format.streamType)
    this.#engine.submit(job, receivedMs)
    this.#pacer.reschedule()
  }
}

const wireOf = new Map(wires.flatMap(wire => wire.paths.map(path => [path, wire] as const)))

const epochSec = (): number => Math.floor(Date.now() / 1000)

const decodeId = (encodedId: string): string => {
  try {
    return decodeURIComponent(encodedId)
  } catch {
    throw new WireError(400, `${encodedId} is not percent-encoded text`)
  }
}

const openStream = (response: ServerResponse, type: string): void => {
  response.setHeader('content-type', type)
  response.setHeader('cache-control', 'no-cache')
  response.flushHeaders()
}

const demandMethod = (request: IncomingMessage, response: ServerResponse, method: string): void => {
  if (request.method === method) return
  response.setHeader('allow', method)
  throw new WireError(405, `${request.url} takes ${method}, not ${request.method}`)
}

const sendError = (response: ServerResponse, thrown: unknown, bodyOf = errorJson): void => {
  const error = thrown instanceof WireError ? thrown : new WireError(500, String(thrown))
  response.statusCode = error.status
  response.setHeader('content-type', 'application/json').end(bodyOf(error))
}
