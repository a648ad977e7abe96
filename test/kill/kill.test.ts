import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

// The short form of `npm run test:kill`: one kill of each shape that is quick, and some more.
const script = fileURLToPath(new URL('kill.mjs', import.meta.url))

test('a run that is killed leaves whole rows, no process and nothing else', { timeout: 90_000 }, async () => {
  // Other tests run beside this one: commits may be late.
  const argv = [script, '--short', '--kills', '12', '--seed', '7', '--late', '1500', '--jobs', '2']
  const { stdout } = await promisify(execFile)(process.execPath, argv).catch((error: { stdout: string }) => error)
  expect(stdout).toMatch(/^12 kills in \d+ s, seed 7, .*; 0 with problems$/m)
})
