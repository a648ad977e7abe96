import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The file of a thread's entry, beside this one; from source, where Node could not run it, the built one. */
export const threadEntry = (name: string): string => {
  const folder = import.meta.url.endsWith('.ts') ? '../../dist/load/' : './'
  const path = fileURLToPath(new URL(`${folder}${name}.js`, import.meta.url))
  if (!existsSync(path)) throw new Error(`${path} is missing: run npm run build`)
  return path
}

/** Where an exception of a thread came from, ` (at file:///…/my-api.mjs:3:9)`. */
export const firstFrame = (error: unknown): string => {
  const frame = error instanceof Error ? /\n\s+(at .+)/.exec(error.stack ?? '')?.[1] : undefined
  return frame === undefined ? '' : ` (${frame})`
}
