import type { JsonObject } from '../../model/json.ts'
import type { RequestSettings } from '../../model/run-plan.ts'
import { fillPlaces, type Place } from './fill-places.ts'
import { withoutNulls } from './groups.ts'
import { unsentWith } from './sampling.ts'

/** One part of what is asked: its key in a body, and its mark in a template. */
export interface AskedField {
  readonly key: string
  readonly mark: string
  readonly value: Place
}

/**
 * A body without sampling parameters. Default model < template < what is asked, where the template has no mark for it
 * < the user's model < extra arguments.
 */
export const plainBody = (
  asked: readonly AskedField[],
  { chosen, defaults, extraArgs, queryTemplate }: RequestSettings,
): JsonObject => {
  const model = chosen.model ?? defaults.model
  const places = Object.fromEntries(asked.map(({ mark, value }) => [mark, value]))
  const { body, marks } = fillPlaces(queryTemplate ?? {}, { ...places, '%m': model ?? '' })
  const missing = asked.filter(({ mark }) => !marks.has(mark)).map(({ key, value }) => [key, value] as const)
  const built = { ...named(defaults.model), ...body, ...Object.fromEntries(missing), ...named(chosen.model) }
  return withoutNulls({ ...built, ...extraArgs }, extraArgs)
}

/** A complete body, recorded or not, whose gap is filled: the model. */
export const completeBody = (body: JsonObject, { chosen, defaults, extraArgs }: RequestSettings): JsonObject =>
  withoutNulls({ ...named(chosen.model ?? defaults.model), ...body, ...extraArgs }, extraArgs)

/** What such bodies have no place for. `--seed` and `--no-stream` are no mistakes: one draws prompts, the other is so. */
export const unsentInPlain = unsentWith({ model: 'model', seed: 'seed', stream: 'stream' })

const named = (model: string | undefined): JsonObject => (model === undefined ? {} : { model })
