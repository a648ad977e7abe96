import { expect, test } from 'vitest'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { ArgumentsError, PluginError } from '../../src/errors.ts'
import { guardedDataset } from '../../src/run/guarded-dataset.ts'
import { planFor } from '../support/ask.ts'

const context = { settings: planFor('http://h/').dataset, seed: 1, tokenizer: undefined, say: () => undefined }
const good = { turns: [{ prompt: { kind: 'text', text: 'a' } }] }
const read = async (items: () => Iterable<unknown>): Promise<unknown[]> => {
  const dataset = { names: ['mine'], open: items } as unknown as Dataset
  const read: unknown[] = []
  for await (const item of guardedDataset(dataset, './mine.mjs').open(context)) read.push(item)
  return read
}

test('conversations pass as they are', async () => {
  expect(await read(() => [good, good])).toEqual([good, good])
})

test.each([[undefined], [null], ['hello'], [{}], [{ turns: [] }], [{ turns: [{ prompt: 'hello' }] }]])(
  'an item like %j is the plugin’s mistake',
  async item => {
    await expect(read(() => [good, item])).rejects.toThrow(PluginError)
    await expect(read(() => [good, item])).rejects.toThrow(/^dataset plugin \.\/mine\.mjs yields /)
  },
)

test('an exception of the plugin is one line; a mistake it names itself stays as it is', async () => {
  const broken = function* () {
    yield good
    throw new TypeError('x is\nundefined')
  }
  await expect(read(broken)).rejects.toThrow('dataset plugin ./mine.mjs failed: x is undefined')
  const refusing = () => {
    throw new ArgumentsError('line 3 is empty')
  }
  await expect(read(refusing)).rejects.toThrow(/^line 3 is empty$/)
})

test('what prepares a dataset is guarded, and so is what it gives', async () => {
  const preparing = (prepare: () => Promise<unknown>) =>
    guardedDataset({ names: ['mine'], open: () => [], prepare } as unknown as Dataset, './mine.mjs').prepare?.(context)
  const refuse = async () => {
    throw new TypeError('no file')
  }
  await expect(preparing(refuse)).rejects.toThrow(new PluginError('dataset plugin ./mine.mjs failed: no file'))
  const prepared = await preparing(async () => ({ names: ['mine'], size: 7, open: () => ['hello'] }))
  expect(prepared?.size).toBe(7)
  const readPrepared = async () => {
    for await (const _ of prepared?.open(context) ?? []);
  }
  await expect(readPrepared()).rejects.toThrow(/^dataset plugin \.\/mine\.mjs yields "hello"/)
})
