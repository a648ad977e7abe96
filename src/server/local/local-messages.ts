/** How to start a local model's server in a process of its own; sent to the child as it is. */
export interface LocalOptions {
  /** `--model`: a directory, or an id of the Hugging Face hub. */
  readonly model: string
  /** On 127.0.0.1; 0 for a free one. */
  readonly port: number
  /** Where downloads are kept. */
  readonly cacheDirectory: string
  /** Where hub ids are found, without a slash at its end: `https://huggingface.co`. */
  readonly hubUrl: string
  /** HF_HUB_OFFLINE: what is in the cache has to do. */
  readonly isOffline: boolean
  /** HF_TOKEN; sent to the hub and nowhere else. */
  readonly hubToken: string | undefined
}

/**
 * What the child says: while it loads, lines that stay and what it is at, to be shown until the next; then once that
 * it serves, or why it cannot.
 */
export type LocalReport =
  | { readonly say: string }
  | { readonly show: string }
  | { readonly url: string }
  | { readonly error: string; readonly isUserError: boolean }

/** How loading tells what it does. */
export interface Telling {
  /** A line that stays. */
  say(line: string): void
  /** What is waited for right now. */
  show(phase: string): void
}
