import { readFileSync } from 'node:fs'

/** Version of this package, from its package.json. */
export const version = (): string => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string
  }
  return manifest.version
}
