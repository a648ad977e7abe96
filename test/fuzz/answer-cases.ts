import fc from 'fast-check'
import type { Api } from '../../src/apis/api.ts'
import type { SaveResponses } from '../../src/model/run-plan.ts'
import {
  anyJson,
  type ByteChange,
  byteChange,
  changedBytes,
  changedJson,
  cuts,
  hostileText,
  type JsonChange,
  jsonChange,
} from './hostile.ts'
import { transcripts } from './transcripts.ts'

/** One answer as it comes over the wire, and how it is cut. */
export interface AnswerCase {
  readonly api: Api
  readonly status: number
  readonly type: string | undefined
  readonly asksStream: boolean
  readonly saveResponses: SaveResponses
  readonly bytes: Buffer
  readonly cuts: readonly number[]
  /** The connection is lost at its end. */
  readonly isLost: boolean
}

const statuses = fc.oneof(
  { weight: 6, arbitrary: fc.constant(200) },
  { weight: 2, arbitrary: fc.constantFrom(204, 301, 308, 400, 401, 404, 422, 429, 500, 503, 599) },
)

const lineEnds = ['\n', '\r\n', '\r'] as const

/** Events as a stream has them, or a body. */
interface Framed {
  readonly text: string
  readonly type: string
}

const framed = (api: Api, payloads: readonly string[], lineEnd: string, comment: string): Framed => {
  if (api.framing === 'ndjson')
    return { text: payloads.map(each => each + lineEnd).join(''), type: 'application/x-ndjson' }
  const event = (payload: string): string =>
    payload
      .split('\n')
      .map(line => `data: ${line}${lineEnd}`)
      .join('')
  const note = comment === '' ? '' : `: ${comment.replace(/[\r\n]/g, ' ')}${lineEnd}`
  return { text: payloads.map(each => note + event(each) + lineEnd).join(''), type: 'text/event-stream' }
}

const textOf = (payload: unknown, changes: readonly JsonChange[]): string =>
  typeof payload === 'string' ? payload : changedJson(payload, changes)

interface Ingredients {
  readonly which: number
  readonly form: 'stream' | 'body' | 'error' | 'events' | 'json' | 'bytes'
  readonly variant: number
  readonly order: readonly number[]
  readonly changesAt: readonly number[]
  readonly changes: readonly JsonChange[]
  readonly jsons: readonly string[]
  readonly byteChanges: readonly ByteChange[]
  readonly noise: Uint8Array
  readonly lineEnd: string
  readonly comment: string
}

const ingredients: fc.Arbitrary<Ingredients> = fc.record({
  which: fc.nat({ max: transcripts.length - 1 }),
  form: fc.oneof(
    { weight: 5, arbitrary: fc.constant('stream' as const) },
    { weight: 2, arbitrary: fc.constantFrom('body' as const, 'error' as const, 'events' as const) },
    { weight: 1, arbitrary: fc.constantFrom('json' as const, 'bytes' as const) },
  ),
  variant: fc.nat({ max: 5 }),
  // Events left out, twice, or in another order.
  order: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(fc.nat({ max: 12 }), { maxLength: 14 })),
  changesAt: fc.array(fc.nat({ max: 12 }), { maxLength: 3 }),
  changes: fc.array(jsonChange, { maxLength: 3 }),
  jsons: fc.array(anyJson, { maxLength: 5 }),
  byteChanges: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(byteChange, { maxLength: 4 })),
  noise: fc.uint8Array({ maxLength: 300 }),
  lineEnd: fc.constantFrom(...lineEnds),
  comment: fc.oneof({ weight: 3, arbitrary: fc.constant('') }, hostileText),
})

const pick = <Item>(items: readonly Item[], at: number): Item => items[at % items.length] as Item

const wireOf = (given: Ingredients): Framed => {
  const { api, streams, bodies, errors } = pick(transcripts, given.which)
  const json = (text: string): Framed => ({ text, type: 'application/json' })
  switch (given.form) {
    case 'stream': {
      const events = pick(streams, given.variant)
      const chosen = given.order.length === 0 ? events : given.order.map(at => pick(events, at))
      const isChanged = (at: number): boolean => given.changesAt.some(place => place % chosen.length === at)
      const payloads = chosen.map((event, at) => textOf(event, isChanged(at) ? given.changes : []))
      return framed(api, payloads, given.lineEnd, given.comment)
    }
    case 'events':
      return framed(api, given.jsons, given.lineEnd, given.comment)
    case 'body':
      return json(textOf(pick(bodies, given.variant), given.changes))
    case 'error':
      return json(textOf(pick(errors, given.variant), given.changes))
    case 'json':
      return json(given.jsons[0] ?? '')
    case 'bytes':
      return { text: '', type: 'text/event-stream' }
  }
}

const odd = [undefined, '', 'text/html', 'text/event-stream; charset=latin1', 'application/json', 'application/jsonl']

/** Any answer: what servers say, with changes, and what nobody would say. */
export const answerCase: fc.Arbitrary<AnswerCase> = fc
  .tuple(
    ingredients,
    fc.record({
      status: statuses,
      oddType: fc.oneof({ weight: 6, arbitrary: fc.constant(-1) }, fc.nat({ max: odd.length - 1 })),
      asksStream: fc.boolean(),
      saveResponses: fc.constantFrom<SaveResponses>('full', 'text', 'failed', 'none'),
      cuts,
      isLost: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
    }),
  )
  .map(([given, { oddType, ...rest }]) => {
    const { text, type } = wireOf(given)
    const bytes = given.form === 'bytes' ? Buffer.from(given.noise) : Buffer.from(text)
    return {
      ...rest,
      api: pick(transcripts, given.which).api,
      type: oddType === -1 ? type : odd[oddType],
      bytes: changedBytes(bytes, given.byteChanges),
    }
  })
