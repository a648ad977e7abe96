import type { JsonObject, JsonValue } from '../../model/json.ts'
import { rngFor } from '../../stats/rng.ts'
import { countText, readCount, readModel } from '../generation-request.ts'
import { errorJson, WireError } from '../wire-error.ts'
import { prefillOnly } from './prefill.ts'
import type { Wire } from './wire.ts'

const defaultDimensions = 8
const mostDimensions = 4096

/** OpenAI embeddings. The same text always has the same vector, of length 1. */
export const openaiEmbeddings: Wire = {
  paths: ['/v1/embeddings'],
  read: (body, { tokenizer }) => {
    const model = readModel(body)
    const inputs = readInputs(body.input)
    const dimensions = readDimensions(body)
    const encode = readEncoding(body)
    const counts = inputs.map(input => (typeof input === 'string' ? countText(input, tokenizer) : input.length))
    const promptTokens = counts.reduce((sum, count) => sum + count, 0)
    return prefillOnly(promptTokens, () => ({
      object: 'list',
      data: inputs.map((input, index) => ({
        object: 'embedding',
        index,
        embedding: encode(vectorOf(input, dimensions)),
      })),
      model,
      usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
    }))
  },
  errorBody: errorJson,
}

type Input = string | readonly number[]

/** A text, token ids, or a list of either. */
const readInputs = (input: JsonValue | undefined): readonly Input[] => {
  if (isInput(input)) return [input]
  if (Array.isArray(input) && input.length > 0 && input.every(isInput)) return input
  const kinds = 'a text, an array of token ids, or an array of either, none of them empty'
  throw new WireError(400, `input must be ${kinds}`, 'input')
}

const isInput = (value: JsonValue | undefined): value is Input =>
  typeof value === 'string'
    ? value !== ''
    : Array.isArray(value) && value.length > 0 && value.every(Number.isSafeInteger)

const readDimensions = (body: JsonObject): number => {
  const dimensions = readCount(body, 'dimensions', 1) ?? defaultDimensions
  if (dimensions <= mostDimensions) return dimensions
  throw new WireError(400, `dimensions must not exceed ${mostDimensions}, got ${dimensions}`, 'dimensions')
}

/** How a vector is told: as numbers, or as base64 of 32-bit floats, lowest byte first. */
const readEncoding = ({ encoding_format: format }: JsonObject): ((vector: Float32Array) => JsonValue) => {
  if (format === undefined || format === null || format === 'float') return vector => [...vector]
  if (format === 'base64') return toBase64
  throw new WireError(400, `encoding_format must be float or base64, got ${JSON.stringify(format)}`, 'encoding_format')
}

const toBase64 = (vector: Float32Array): string => {
  const bytes = Buffer.alloc(4 * vector.length)
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, 4 * index)
  return bytes.toString('base64')
}

const vectorOf = (input: Input, dimensions: number): Float32Array => {
  const rng = typeof input === 'string' ? rngFor(0, 'text', input) : rngFor(0, 'ids', input.join())
  const values = Float32Array.from({ length: dimensions }, () => rng.float() - 0.5)
  const length = Math.hypot(...values)
  return values.map(value => value / length)
}
