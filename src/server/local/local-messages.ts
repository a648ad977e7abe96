import type { HubAccess } from '../../hub/access.ts'
import type { DownloadProgress } from '../../model/hub-file.ts'

/** How to start a local model's server in a process of its own; sent to the child as it is. */
export interface LocalOptions {
  /** `--model`: a directory, or an id of a hub. */
  readonly model: string
  /** On 127.0.0.1; 0 for a free one. */
  readonly port: number
  /** How the files of an id are got. */
  readonly access: HubAccess
}

/**
 * What the child says: while it loads, lines that stay, how far a download is, and what it is at, to be shown until the
 * next; then once that it serves, or why it cannot.
 */
export type LocalReport =
  | { readonly say: string }
  | { readonly show: string }
  | { readonly progress: DownloadProgress }
  | { readonly url: string }
  | { readonly error: string; readonly isUserError: boolean }

/** How loading tells what it does. */
export interface Telling {
  /** A line that stays. */
  say(line: string): void
  /** What is waited for right now. */
  show(phase: string): void
  /** How far a download is. */
  progress(progress: DownloadProgress): void
}
