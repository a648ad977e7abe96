import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Api } from '../src/apis/api.ts'
import { builtinApis } from '../src/apis/index.ts'
import { PluginError } from '../src/errors.ts'
import { loadPlugin, type PluginKind } from '../src/plugins.ts'

const directory = mkdtempSync(join(tmpdir(), 'evalscope-plugins-'))
afterAll(() => rmSync(directory, { recursive: true }))
const kind: PluginKind<Api> = {
  label: 'API',
  builtins: Object.fromEntries(builtinApis.flatMap(api => api.names.map(name => [name, () => api]))),
  methods: ['buildRequest', 'readChunk', 'readBody'],
  defaults: { endpoints: [] },
}
const write = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text)
  return join(directory, name)
}

test('a name finds the built-in plugin', async () => {
  expect(await loadPlugin('openai', kind)).toBe(builtinApis[0])
})

test('a path loads the module’s default export and fills in what it left out', async () => {
  const path = write('good.mjs', 'export default { buildRequest() {}, readChunk() {}, readBody() {} }')
  const plugin = await loadPlugin(path, kind)
  expect(plugin.names).toEqual([path])
  expect(plugin.endpoints).toEqual([])
})

test.each([
  ['an unknown name', 'opnai', /unknown API "opnai"; known are openai/],
  ['a name of every object', 'constructor', /unknown API "constructor"/],
  ['a missing file', './no-such-file.mjs', /cannot be loaded/],
  [
    'a module without the functions',
    write('bad.mjs', 'export default { readChunk() {} }'),
    /no buildRequest, readBody/,
  ],
  ['a module without a default export', write('none.mjs', 'export const x = 1'), /no buildRequest/],
  ['a module that does not parse', write('syntax.mjs', 'export default {'), /cannot be loaded/],
])('%s is one line', async (_, spec, message) => {
  const failure = loadPlugin(spec, kind)
  await expect(failure).rejects.toThrow(PluginError)
  await expect(failure).rejects.toThrow(message)
})
