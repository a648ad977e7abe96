import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

// The short form of `npm run test:chaos`: all that may befall a request in one run, and some connections and targets.
const script = fileURLToPath(new URL('chaos.mjs', import.meta.url))

test('whatever a server does to requests, each has its kind, and the others are unharmed', {
  timeout: 60_000,
}, async () => {
  // Other tests run beside this one.
  const env = { ...process.env, CHAOS_PATIENCE: '4' }
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--short'], { env }).catch(
    (error: { stdout: string }) => error,
  )
  expect(stdout).not.toContain('WRONG')
  expect(stdout).toMatch(/^\d+ cases, 0 wrong$/m)
})
