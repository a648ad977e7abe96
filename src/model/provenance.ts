import type { JsonObject } from './json.ts'

/** Where the file of a dataset is from that no flag names: it comes with us, or from a hub. */
export type DatasetSource = 'ours' | 'hub'

/**
 * What a benchmark was made with: all that may make it come out otherwise another time. One for all runs of a sweep;
 * in `benchmark_args.json` under the key `provenance`, with the same names.
 */
export type Provenance = {
  /** When the benchmark was started, ISO 8601: the same in all its runs, and in no other's. */
  readonly started_at: string
  /** Of everything drawn on this side, given or not. */
  readonly seed: number
  /** The flags that the user gave, under their names with underscores; secrets masked. */
  readonly given: JsonObject
  /** Where an API key came from; undefined where none was sent. */
  readonly api_key_from: '--api-key' | 'environment' | undefined
  /** The directory whose benchmark this one repeats. */
  readonly repeats: string | undefined
  /** Ours, with the revision of a clone; Node's; those of packages that send, read and count. */
  readonly versions: JsonObject
  /** Fingerprints of the files that prompts come from, by what names them: `dataset_path`, `tokenizer_path` … */
  readonly files: JsonObject
  /** Which questions were asked where no flag names a file: those that come with us, or a hub's file. */
  readonly dataset_source: DatasetSource | undefined
  /** What the server says of itself; undefined where it says nothing. */
  readonly server: JsonObject | undefined
  /** Origin of the proxy that requests go through, without user-info; undefined where there is none. */
  readonly proxy: string | undefined
  /** The machine, without a name. */
  readonly host: JsonObject
}
