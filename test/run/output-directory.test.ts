import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import { plainText } from '../../src/plain-text.ts'
import { createOutputDirectory } from '../../src/run/output-directory.ts'

const root = mkdtempSync(join(tmpdir(), 'evalscope-names-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const args = new Arguments({ url: 'http://127.0.0.1:1', model: 'm', outputsDir: root, noTimestamp: true })

const directoryOf = (name: string): string => {
  // A name of a server's model is not checked as one of a flag is.
  const named = { ...args, values: { ...args.values, name } } as Arguments
  return createOutputDirectory(named, [], new Date(0))
}

const long = 'a name that never comes to an end '.repeat(40)

test.each([
  ['../../../../tmp/evil', '.._.._.._.._tmp_evil'],
  ['a\\..\\b', 'a_.._b'],
  ['..', '_'],
  ['.', '_'],
  ['', '_'],
  [' .. ', '_'],
  ['nul\0inside', 'nul_inside'],
  ['line\nbreak\ttab', 'line_break_tab'],
  ['\u001b[31mred\u001b]0;title\u0007', '_[31mred_]0;title_'],
  ['\u009b31mC1', '_31mC1'],
  ['right\u202eto left', 'right_to left'],
  ['half \ud83d of one', 'half _ of one'],
  ['  blanks \u00a0 around ', 'blanks around'],
  ['模型 é 🙂', '模型 é 🙂'],
  [long, long.slice(0, 200).trim()],
  ['模'.repeat(300), '模'.repeat(66)],
  [`x${'🙂'.repeat(300)}`, `x${'🙂'.repeat(49)}`],
])('the name %j becomes %j', (name, level) => {
  expect(directoryOf(name)).toBe(join(root, level))
})

test('any name is one level of a path, that can be made and is shown as it is', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 300 })), name => {
      const directory = directoryOf(name)
      expect(dirname(directory)).toBe(root)
      expect(readdirSync(root)).toContain(basename(directory))
      expect(plainText(basename(directory))).toBe(basename(directory))
    }),
    { numRuns: 150 },
  )
})
