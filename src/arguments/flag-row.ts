import type { HeaderMap } from '../model/conversation.ts'
import type { IntegerRange } from '../model/run-plan.ts'
import type { ArgumentValues, FlagField } from './arguments.ts'

/** Most seconds a flag may take, about 23 days: a Node timer set to 2^31 ms or more fires at once. */
export const longestSec = 2_000_000

/** How many values a flag takes; `range` is one, or a lowest and a highest. */
export type Arity = 'one' | 'many' | 'range'

interface Described {
  /** One phrase for `--help`. */
  readonly help: string
  /** Unit of the value, for `--help`. */
  readonly unit?: string
  /** Said in `--help` where there is no fixed default. */
  readonly otherwise?: string
}

/** Given or not; `negatable` ones have a `--no-…` form beside. */
export interface SwitchRow extends Described {
  readonly kind: 'flag'
  readonly negatable?: true
}

/** Whole (`int`) or any number within its bounds; `min` and `max` belong to what is allowed, `above` and `below` do not. */
export interface NumberRow<Count extends Arity = Arity> extends Described {
  readonly kind: 'int' | 'number'
  readonly arity: Count
  readonly min?: number
  readonly max?: number
  readonly above?: number
  readonly below?: number
  /** One-letter form, `n` for `-n`. */
  readonly short?: string
  /** What may stand in place of a number. */
  readonly word?: string
}

/** Text, one of `choices` where there are any. */
export interface TextRow<Count extends Arity = Arity> extends Described {
  readonly kind: 'string' | 'path'
  readonly arity: Count
  readonly choices?: readonly string[]
  /** The list may have no values: `--stop` alone. */
  readonly mayBeEmpty?: true
  /** `@file` stands for the text of that file. */
  readonly mayBeFile?: true
}

/** A JSON object. */
export interface JsonRow extends Described {
  readonly kind: 'json'
  readonly mayBeFile?: true
  /** A list of objects will do too; one alone is a list of one. */
  readonly mayBeList?: true
  /** What may be given, for those who gave no object. */
  readonly example: string
}

/** `name=value` items. */
export interface PairsRow extends Described {
  readonly kind: 'pairs'
}

/** One flag: all that parsing, checking and `--help` need to know of it. */
export type FlagRow = (SwitchRow | NumberRow | TextRow | JsonRow | PairsRow) & { readonly default?: unknown }

type RowFor<Value> = [Value] extends [boolean]
  ? SwitchRow
  : [Value] extends [number]
    ? NumberRow<'one'> & { readonly word?: never }
    : [Value] extends [number | 'auto']
      ? NumberRow<'one'> & { readonly word: 'auto' }
      : [Value] extends [string]
        ? TextRow<'one'>
        : [Value] extends [IntegerRange]
          ? NumberRow<'range'>
          : [Value] extends [readonly number[]]
            ? NumberRow<'many'>
            : [Value] extends [readonly string[]]
              ? TextRow<'many'>
              : [Value] extends [HeaderMap]
                ? PairsRow
                : JsonRow

/** A field that is always there must have a default; one that may be absent must not. */
type DefaultFor<Value> = undefined extends Value ? { readonly default?: undefined } : { readonly default: Value }

/** A row for every field, of the kind its type asks for. */
export type FlagTable = {
  readonly [Field in FlagField]-?: RowFor<NonNullable<ArgumentValues[Field]>> & DefaultFor<ArgumentValues[Field]>
}
