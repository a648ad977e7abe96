import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hubAccess } from '../../src/hub/access.ts'
import { findTokenizer } from '../../src/tokenizers/hub-tokenizer.ts'
import { type HubServer, startHubServer } from '../support/hub-server.ts'

const root = mkdtempSync(join(tmpdir(), 'hub-tokenizer-'))
let hub: HubServer
beforeAll(async () => {
  hub = await startHubServer()
})
afterAll(async () => {
  await hub.close()
  rmSync(root, { recursive: true })
})

const find = (id: string, names: readonly string[]): Promise<string> => {
  for (const name of names) hub.files.set(`models/${id}/main/${name}`, { bytes: Buffer.from('{}') })
  const env = { HOME: root, EVALSCOPE_CACHE: root, HF_ENDPOINT: hub.url }
  return findTokenizer(id, hubAccess('huggingface', env), { signal: new AbortController().signal })
}

test('a repository that has other files of a tokenizer lacks tokenizer.json, and no token would help', async () => {
  await expect(find('some/slow', ['tokenizer_config.json'])).rejects.toThrow(
    /^--tokenizer-path some\/slow: the repository has no tokenizer\.json; give the id of a model that has one, or a/,
  )
  await expect(find('some/unknown', [])).rejects.toThrow('check the name, and set HF_TOKEN if it is private')
})

test('the template of a model for images comes along', async () => {
  const directory = await find('some/llava', ['tokenizer.json', 'chat_template.json'])
  expect(readdirSync(directory).sort()).toEqual(['chat_template.json', 'tokenizer.json'])
})
