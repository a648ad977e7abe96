import fc from 'fast-check'
import { expect } from 'vitest'
import { type Api, type ChunkContent, emptyDraft, type ResponseDraft } from '../../src/apis/api.ts'
import { BodyPool } from '../../src/load/body-bytes.ts'
import { nowMs } from '../../src/load/clock.ts'
import { converse } from '../../src/load/converse.ts'
import type { ExchangeParts } from '../../src/load/exchange.ts'
import { Gauge } from '../../src/load/gauge.ts'
import { SelfDelays } from '../../src/load/self-delays.ts'
import { neverStops } from '../../src/load/stop.ts'
import { Watchdog } from '../../src/load/watchdog.ts'
import type { HeaderMap } from '../../src/model/conversation.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { AnswerText, RequestRecord } from '../../src/model/record.ts'
import type { SaveResponses } from '../../src/model/run-plan.ts'
import type { ResponseListener } from '../../src/net/call.ts'
import type { Transport } from '../../src/net/transport.ts'
import { expectSound } from './decode.ts'
import { fuzz } from './fuzz.ts'
import { hostileText, hostileValue } from './hostile.ts'

const circular: Record<string, unknown> = {}
circular.self = circular

const refuse = (): never => {
  throw Object.create(null)
}

/** What a plugin in plain JavaScript may put where something else belongs. */
const nonsense: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...[undefined, null, true, '', 'answer', 'ANSWER', 0, -1, 5, 2.5, Number.NaN, Number.POSITIVE_INFINITY, 10n],
    ...[Symbol('s'), () => 'text', circular, [circular], Object.create(null), new Date(Number.NaN), Promise.resolve(1)],
    ...[
      { toString: refuse },
      { toJSON: refuse },
      { valueOf: refuse },
      new Map(),
      /x/,
      Buffer.from('x'),
      '5',
      [''],
      [5],
    ],
  ),
  hostileText,
  hostileValue,
)

/** What one call of a plugin does to the draft, and gives back. */
interface Act {
  readonly writes: readonly (readonly [key: keyof ResponseDraft, value: unknown])[]
  readonly gives: unknown
  readonly throws: { readonly error: unknown } | undefined
}

const act: fc.Arbitrary<Act> = fc.record({
  writes: fc.array(fc.tuple(fc.constantFrom(...(Object.keys(emptyDraft()) as (keyof ResponseDraft)[])), nonsense), {
    maxLength: 4,
  }),
  gives: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<ChunkContent>('answer', 'reasoning', 'choice', 'other', 'error') },
    { weight: 2, arbitrary: nonsense as fc.Arbitrary<ChunkContent> },
  ),
  throws: fc.option(
    nonsense.map(error => ({ error })),
    { freq: 8, nil: undefined },
  ),
})

interface PluginCase {
  readonly acts: readonly Act[]
  /** What its other methods give; undefined where it does not have them. */
  readonly body: { readonly gives: unknown } | undefined
  readonly asksStream: { readonly gives: unknown } | undefined
  readonly headers: { readonly gives: unknown } | undefined
  readonly isStream: boolean
  readonly ends: boolean
  readonly saveResponses: SaveResponses
}

const giving = fc.option(
  nonsense.map(gives => ({ gives })),
  { freq: 4, nil: undefined },
)

const pluginCase: fc.Arbitrary<PluginCase> = fc.record({
  acts: fc.array(act, { minLength: 1, maxLength: 5 }),
  body: fc.option(
    nonsense.map(gives => ({ gives })),
    { freq: 2, nil: undefined },
  ),
  asksStream: giving,
  headers: giving,
  isStream: fc.boolean(),
  ends: fc.boolean(),
  saveResponses: fc.constantFrom<SaveResponses>('full', 'text', 'failed', 'none'),
})

const pluginOf = ({ acts, body, asksStream, headers }: PluginCase): Api => {
  let turn = 0
  const read = (_: JsonObject, draft: ResponseDraft): ChunkContent => {
    const { writes, gives, throws } = acts[turn++ % acts.length] as Act
    for (const [key, value] of writes) Object.assign(draft, { [key]: value })
    if (throws !== undefined) throw throws.error
    return gives as ChunkContent
  }
  return {
    names: ['./plugin.mjs'],
    endpoints: [],
    buildRequest: () => (body === undefined ? { stream: true } : (body.gives as JsonObject)),
    ...(asksStream && { asksStream: () => asksStream.gives as boolean }),
    ...(headers && { requestHeaders: () => headers.gives as HeaderMap }),
    readChunk: read,
    readBody: read,
  }
}

/** A server that says nothing of note, at once. */
const transportOf = ({ isStream, ends }: PluginCase): Transport => ({
  counts: () => ({ reads: 0, connectionsOpened: 0 }),
  openConnections: async () => {},
  close: async () => {},
  send: (body, _headers, listener: ResponseListener) => {
    expect(typeof body).toBe('string')
    queueMicrotask(() => {
      const stampMs = nowMs()
      listener.onWritten(stampMs)
      listener.onHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' }, stampMs)
      const text = isStream ? `data: {}\n\n`.repeat(4) + (ends ? 'data: [DONE]\n\n' : '') : '{}'
      listener.onBytes(Buffer.from(text), stampMs, 0, 0)
      listener.onEnd(stampMs)
      listener.onOver()
    })
    return { abort: () => {}, tellReads: () => {} }
  },
})

const talk = async (given: PluginCase): Promise<readonly (readonly [RequestRecord, AnswerText | undefined])[]> => {
  const records: (readonly [RequestRecord, AnswerText | undefined])[] = []
  const exchange: ExchangeParts = {
    api: pluginOf(given),
    transport: transportOf(given),
    headers: {},
    secrets: ['a secret'],
    timeouts: { connectMs: 1000, readMs: 1000, totalMs: 1000 },
    saveResponses: given.saveResponses,
    bodies: new BodyPool(),
    watchdog: new Watchdog(nowMs),
    gauge: new Gauge(),
    selfDelays: new SelfDelays(),
    trace: undefined,
  }
  const turn = { prompt: { kind: 'messages', messages: [{ role: 'user', content: 'hello' }] } } as const
  await converse(
    { index: 0, conversation: { turns: [turn, turn, turn] } },
    { scheduledMs: nowMs(), slotWaitMs: undefined },
    {
      exchange,
      gate: { isClosed: false, deadlineMs: Number.POSITIVE_INFINITY },
      draining: neverStops().draining,
      settings: { chosen: {}, defaults: {}, extraArgs: {}, queryTemplate: undefined },
      sinks: [{ write: (record, answer) => records.push([record, answer]), close: () => {} }],
      phase: 'measured',
      requestIdPrefix: 'r',
    },
  )
  return records
}

fuzz<[PluginCase]>('API plugins', [pluginCase], async given => {
  const records = await talk(given)
  expect(records.length).toBeGreaterThan(0)
  for (const [record, said] of records) {
    expect(typeof said?.text).toBe('string')
    expect(typeof said?.reasoning).toBe('string')
    const delivery = { api: pluginOf(given), status: 200, type: undefined, asksStream: true, isLost: false }
    expectSound({ record, said: said as AnswerText }, { ...delivery, saveResponses: given.saveResponses })
  }
})
