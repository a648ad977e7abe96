import { isSecretName } from '../../arguments/secrets.ts'
import type { Conversation, HeaderMap } from '../../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'
import type { DatasetOptions } from './options.ts'
import type { TraceRecord } from './trace-line.ts'

/** What `--dataset-args` may say of a trace. */
export const traceOptions: DatasetOptions = {
  speed: { kind: 'number', above: 0, help: 'how many times faster than recorded' },
  model_mapping: { kind: 'texts', help: 'recorded model names and what to send in their place' },
  model_override: { kind: 'text', help: 'model to send for all that model_mapping does not name' },
  match_output_length: {
    kind: 'flag',
    help: 'ask for as many output tokens as were recorded; records without completion_tokens stay as they are',
  },
}

/** What is asked for a recorded request, at `arrivalMs` since the first. */
export const toConversation = (record: TraceRecord, arrivalMs: number, args: JsonObject): Conversation => {
  const body = withLength(withModel(record.body, args), record.completionTokens, args)
  const text = body === record.body ? record.text : JSON.stringify(body)
  const { 'x-request-id': headerId, ...headers } = sendable(record.headers)
  const requestId = record.requestId ?? headerId
  return {
    turns: [{ prompt: { kind: 'body', body, text } }],
    arrivalMs,
    ...(requestId === undefined ? {} : { requestId }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  }
}

/** The name that `model_mapping` has for the model of a body; undefined where it has none. */
export const mappedModel = ({ model }: JsonObject, { model_mapping: mapping }: JsonObject): JsonValue | undefined =>
  typeof model === 'string' && isJsonObject(mapping) && Object.hasOwn(mapping, model) ? mapping[model] : undefined

const withModel = (body: JsonObject, args: JsonObject): JsonObject => {
  const recorded = body.model
  const model = mappedModel(body, args) ?? args.model_override ?? recorded
  return model === undefined || model === recorded ? body : { ...body, model }
}

const withLength = (body: JsonObject, tokens: number | undefined, args: JsonObject): JsonObject => {
  if (args.match_output_length !== true || tokens === undefined) return body
  // The newer name would win over the one that is set here.
  const { max_completion_tokens: _, ...rest } = body
  return { ...rest, [limitKey(body)]: tokens, ...(needsItsEnd(body) ? {} : { ignore_eos: true }) }
}

/** That of the Responses API, whose input is a text or a list, or everybody else's. */
const limitKey = ({ input }: JsonObject): string =>
  typeof input === 'string' || Array.isArray(input) ? 'max_output_tokens' : 'max_tokens'

/** JSON that is forced, be it as an answer or as a tool's arguments, is broken when the model cannot end. */
const needsItsEnd = ({ response_format, text, tools, tool_choice: choice }: JsonObject): boolean => {
  const format = response_format ?? (isJsonObject(text) ? text.format : undefined)
  if (isJsonObject(format) && (format.type === 'json_object' || format.type === 'json_schema')) return true
  const hasTools = Array.isArray(tools) && tools.length > 0
  const kind = isJsonObject(choice) ? choice.type : choice
  return hasTools && kind !== undefined && kind !== null && kind !== 'none' && kind !== 'auto'
}

/** Of one connection, and so not of ours; also those that describe a body or an answer as we send and want them. */
const ownHeaders: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer'],
  ...['trailers', 'transfer-encoding', 'upgrade', 'expect', 'host', 'content-length', 'content-type'],
  ...['content-encoding', 'accept-encoding'],
])

/**
 * The recorded headers that are sent again, their names in lower case. What let somebody in elsewhere is worth nothing
 * here, and must not get into files and logs.
 */
const sendable = (headers: HeaderMap): HeaderMap => {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  // A connection header may name others that are of its connection.
  const named = entries.flatMap(([name, value]) => (name === 'connection' ? value.toLowerCase().split(/\s*,\s*/) : []))
  return Object.fromEntries(
    entries.filter(([name]) => !ownHeaders.has(name) && !named.includes(name) && !isSecretName(name)),
  )
}
