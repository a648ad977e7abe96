import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Where package.json stands. */
const root = new URL('../', import.meta.url)

/** Version of this package, from its package.json. */
export const version = (): string => packageVersion(root) as string

/** Packages that send, read, count and keep: another version of theirs may measure otherwise. */
const weighty: readonly string[] = [
  ...['undici', 'eventsource-parser', '@huggingface/tokenizers', '@huggingface/jinja'],
  ...['better-sqlite3', 'node-sqlite3-wasm'],
]

/** What a run was made with, for its records. Starts git where this is a clone: once per benchmark. */
export const versions = async (): Promise<Readonly<Record<string, string>>> => ({
  evalscope: version(),
  ...named('revision', await revision()),
  node: process.version,
  v8: process.versions.v8,
  platform: `${process.platform} ${process.arch}`,
  ...Object.assign({}, ...weighty.map(name => named(name, installedVersion(name)))),
})

const named = (name: string, value: string | undefined): Readonly<Record<string, string>> =>
  value === undefined ? {} : { [name]: value }

/** The commit of a clone, with `-dirty` where files of it were changed; undefined for an installed package. */
const revision = async (): Promise<string | undefined> => {
  // Only of our own: an installed package may well stand below the clone of something else.
  if (!existsSync(new URL('.git', root))) return undefined
  const args = ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*']
  const cwd = fileURLToPath(root)
  const output = new Promise<string>(resolve => {
    // Without git, or where it fails, there is none.
    execFile('git', args, { cwd, timeout: 1000 }, (_, stdout) => resolve(stdout))
  })
  return (await output.catch(() => '')).trim() || undefined
}

/** Looked for as Node does: beside us, and in the directories above. */
const installedVersion = (name: string): string | undefined => {
  for (let place = root; ; place = new URL('../', place)) {
    const found = packageVersion(new URL(`node_modules/${name}/`, place))
    if (found !== undefined || place.pathname === new URL('../', place).pathname) return found
  }
}

const packageVersion = (directory: URL): string | undefined => {
  try {
    const { version } = JSON.parse(readFileSync(new URL('package.json', directory), 'utf8')) as { version?: string }
    return version
  } catch {
    return undefined
  }
}
