/** A hub that files come from. */
export type HubName = 'modelscope' | 'huggingface'

/** What `--data-source` names: a hub, or `local` for only what is on this machine. */
export type DataSource = HubName | 'local'

/** Where a hub has a file. */
export interface HubPlace {
  /** `owner/name`. */
  readonly repository: string
  /** Of the file within the repository, with slashes. */
  readonly path: string
  /** Branch, tag or commit; the hub's main branch when absent. */
  readonly revision?: string
}

/** A file, and where each hub has it; a hub that lacks it is left out. */
export interface HubFile {
  /** What kind of repository holds it. */
  readonly kind: 'models' | 'datasets'
  readonly places: Readonly<Partial<Record<HubName, HubPlace>>>
}

/** How far a download is. */
export interface DownloadProgress {
  /** Name of the file, without directories. */
  readonly name: string
  readonly doneBytes: number
  /** Undefined where the server does not tell. */
  readonly totalBytes: number | undefined
}
