import { ArgumentsError } from '../errors.ts'
import type { DataSource, HubFile, HubPlace } from '../model/hub-file.ts'
import type { DownloadFailure } from './failure.ts'
import { type Hub, hubs } from './hubs.ts'

/** A file that is wanted from one hub. */
export interface Wanted {
  readonly hub: Hub
  readonly file: HubFile
  readonly place: Required<HubPlace>
  /** Where it is kept. */
  readonly path: string
}

interface ErrorFacts {
  readonly wanted?: Wanted
  readonly isMissing?: boolean
}

/** A file of a hub that cannot be had: what, from where, why, and what to do. */
export class HubFileError extends ArgumentsError {
  /** What, from where, and why; without advice. */
  readonly summary: string
  /** What may help, beside a file put there by hand. */
  readonly advice: readonly string[]
  /** Where it may be put by hand. */
  readonly path: string | undefined
  /** The hub answers that it has no such file. */
  readonly isMissing: boolean

  constructor(summary: string, advice: readonly string[], { wanted, isMissing = false }: ErrorFacts = {}) {
    super(`${summary}; ${[...advice, ...byHand(wanted)].join(', or ')}`)
    this.summary = summary
    this.advice = advice
    this.path = wanted?.path
    this.isMissing = isMissing
  }
}

/** Not in the cache, and `reason` keeps us off the network. */
export const offlineError = (wanted: Wanted, reason: string): HubFileError => {
  const summary = `${titleOf(wanted)} is not in the cache, and ${reason} keeps us off the network`
  return new HubFileError(summary, [], { wanted })
}

/** The hub that was chosen is not known to have it. */
export const unknownError = ({ kind, places }: HubFile, source: DataSource): HubFileError => {
  const [[name, place] = []] = Object.entries(places)
  const where = source === 'local' ? 'on this machine' : `on ${hubs[source].label}`
  const advice = [`give --data-source ${name}`, ...(kind === 'datasets' ? ['its path with --dataset-path'] : [])]
  return new HubFileError(`${place?.path} is not known to be ${where}`, advice)
}

interface FailureFacts {
  /** The reason without secrets. */
  readonly words: string
  readonly hasToken: boolean
  /** A part of the file is kept, with which the next try goes on. */
  readonly goesOn: boolean
}

/** The download came to nothing. */
export const failedError = (
  wanted: Wanted,
  failure: DownloadFailure,
  { words, hasToken, goesOn }: FailureFacts,
): HubFileError => {
  const { hub, path } = wanted
  if (failure.kind === 'disk') {
    return new HubFileError(`${path} cannot be written (${words})`, [
      'make room',
      'name a directory in EVALSCOPE_CACHE',
    ])
  }
  const { statusCode = 0, lacksFile } = failure
  const summary = `${titleOf(wanted)} cannot be had from ${hub.label} (${words})`
  const advice = [401, 403, 404].includes(statusCode) && !lacksFile ? [aboutRefusal(hub, hasToken)] : []
  const again = goesOn ? ['start again, which goes on where this has ended'] : []
  return new HubFileError(summary, [...advice, ...again, ...elsewhere(wanted)], {
    wanted,
    isMissing: statusCode === 404,
  })
}

const titleOf = ({ place }: Wanted): string => `${place.path} of ${place.repository}`

/** Hubs answer the same for what does not exist and for what is private. */
const aboutRefusal = ({ tokenVariables: [variable] }: Hub, hasToken: boolean): string =>
  hasToken
    ? `check the name, and that the token in ${variable} may read it`
    : `check the name, and set ${variable} if it is private`

const elsewhere = ({ hub, file }: Wanted): readonly string[] =>
  Object.keys(file.places)
    .filter(name => name !== hub.name)
    .map(name => `try --data-source ${name}`)

const byHand = (wanted: Wanted | undefined): readonly string[] => {
  if (wanted === undefined) return []
  return [`put it at ${wanted.path}`, ...(wanted.file.kind === 'datasets' ? ['give --dataset-path'] : [])]
}
