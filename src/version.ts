import { readFileSync } from 'node:fs'

/** Version of this package, from its package.json. */
export const version = (): string =>
  (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string })
    .version

/** What a run was made with, for its records. */
export const versions = (): Readonly<Record<string, string>> => ({
  evalscope: version(),
  node: process.version,
  v8: process.versions.v8,
  platform: `${process.platform} ${process.arch}`,
})
