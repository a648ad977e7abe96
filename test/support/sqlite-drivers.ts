import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { DriverName } from '../../src/store/database.ts'

/** A SQLite driver, and what the environment of a program is to have so that it takes this one. */
export interface DriverChoice {
  readonly name: DriverName
  readonly env: Readonly<Record<string, string>>
}

const hidesNative = fileURLToPath(new URL('../kill/without-native.cjs', import.meta.url))

const hasNative = (): boolean => {
  try {
    const Native = createRequire(import.meta.url)('better-sqlite3') as typeof import('better-sqlite3')
    new Native(':memory:').close()
    return true
  } catch {
    return false
  }
}

const wasm: DriverChoice = { name: 'node-sqlite3-wasm', env: { NODE_OPTIONS: `--require ${hidesNative}` } }

/** Those that work here; a program by itself takes the first. */
export const drivers: readonly DriverChoice[] = hasNative() ? [{ name: 'better-sqlite3', env: {} }, wasm] : [wasm]
