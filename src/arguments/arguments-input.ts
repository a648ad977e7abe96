import type { HeaderMap } from '../model/conversation.ts'
import type { JsonObject } from '../model/json.ts'
import type { IntegerRange } from '../model/run-plan.ts'
import type { ArgumentValues, FlagField } from './arguments.ts'

/** What may be given for a value: itself, or text as on the command line. */
type Given<Value> = [Value] extends [boolean]
  ? boolean
  : [Value] extends [number | 'auto']
    ? number | string
    : [Value] extends [string]
      ? Value
      : [Value] extends [IntegerRange]
        ? number | string | readonly (number | string)[]
        : [Value] extends [readonly number[]]
          ? number | string | readonly (number | string)[]
          : [Value] extends [readonly string[]]
            ? string | Value
            : [Value] extends [readonly JsonObject[]]
              ? Value | JsonObject | string | readonly string[]
              : [Value] extends [HeaderMap]
                ? HeaderMap | string | readonly string[]
                : JsonObject | string

type SnakeCase<Name extends string> = Name extends `${infer Head}${infer Tail}`
  ? Head extends Lowercase<Head>
    ? `${Head}${SnakeCase<Tail>}`
    : `_${Lowercase<Head>}${SnakeCase<Tail>}`
  : Name

type GivenFields = { readonly [Field in FlagField]?: Given<NonNullable<ArgumentValues[Field]>> | undefined }

/** Flags as a plain object: `maxTokens` or `max_tokens`, single values or lists, JSON as object or text. */
export type ArgumentsInput = GivenFields & {
  readonly [Field in FlagField as SnakeCase<Field>]?: GivenFields[Field]
}
