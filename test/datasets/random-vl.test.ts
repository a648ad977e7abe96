import { PNG } from 'pngjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { channelsOf } from '../../src/datasets/images/picture.ts'
import { random } from '../../src/datasets/random.ts'
import { randomVl } from '../../src/datasets/random-vl.ts'
import { isJsonObject } from '../../src/model/json.ts'
import type { DatasetSettings, ImageMode } from '../../src/model/run-plan.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'
import { qwenTokenizerPath } from '../tokenizers/paths.ts'
import { createContext, images, promptsOf, take, textOf } from './context.ts'

let tokenizer: Tokenizer
beforeAll(async () => {
  tokenizer = await loadTokenizer(qwenTokenizerPath)
})

const length = { minPromptLength: 30, maxPromptLength: 40 }

const draw = async (count: number, settings: Partial<DatasetSettings> = {}, dataset = randomVl, seed = 1) =>
  promptsOf(
    await take(
      dataset.open(createContext({ spec: dataset.names[0] ?? '', ...length, ...settings }, { tokenizer, seed })),
      count,
    ),
  )

/** The text of each prompt, and the bytes of its images. */
const parts = async (...asked: Parameters<typeof draw>) =>
  (await draw(...asked)).map(prompt => {
    const content = textOf(prompt)
    if (!Array.isArray(content)) throw new Error('no parts')
    const [text, ...pictures] = content.filter(isJsonObject)
    const urls = pictures.map(({ image_url: image }) => String(isJsonObject(image) ? image.url : ''))
    return {
      text: text?.text,
      pngs: urls.map(url => Buffer.from(url.replace(/^data:image\/png;base64,/, ''), 'base64')),
    }
  })

test('the texts are those of random, token for token', async () => {
  const plain = (await draw(20, { prefixLength: 5 }, random)).map(textOf)
  expect((await parts(20, { prefixLength: 5 })).map(({ text }) => text)).toEqual(plain)
})

describe.each<[ImageMode, number]>([
  ['L', 0],
  ['RGB', 2],
  ['RGBA', 6],
])('images of mode %s', (mode, colourType) => {
  test('are PNGs of the size that was asked for, opaque, with two to six colours', async () => {
    const asked = { images: { ...images, widthPx: 61, heightPx: 23, mode } }
    const drawn = (await parts(40, asked)).flatMap(({ pngs }) => pngs)
    expect(drawn).toHaveLength(40)
    const counts = drawn.map(png => {
      // Bit depth and colour type, of the header that each begins with.
      expect([png[24], png[25]]).toEqual([8, colourType])
      const { width, height, data } = PNG.sync.read(png)
      expect([width, height]).toEqual([61, 23])
      const pixels = Array.from({ length: width * height }, (_, index) => data.readUInt32BE(index * 4))
      expect(pixels.every(pixel => pixel % 256 === 255)).toBe(true)
      const isGrey = pixels.every(pixel => [8, 16].every(shift => ((pixel >>> shift) & 255) === pixel >>> 24))
      expect(isGrey).toBe(channelsOf[mode] === 1)
      return new Set(pixels).size
    })
    // A shape may lie under another, or have its colour.
    expect(Math.max(...counts)).toBeLessThanOrEqual(6)
    expect(counts.filter(count => count >= 2).length).toBeGreaterThan(35)
  })
})

test('the smallest image has one pixel', async () => {
  const [first] = await parts(1, { images: { ...images, widthPx: 1, heightPx: 1 } })
  expect(PNG.sync.read(first?.pngs[0] as Buffer)).toMatchObject({ width: 1, height: 1 })
})

test('a prompt has as many images as were asked for, no two of them alike', async () => {
  const drawn = await parts(10, { images: { ...images, count: 3, widthPx: 40, heightPx: 40 } })
  expect(drawn.map(({ pngs }) => pngs.length)).toEqual(Array(10).fill(3))
  expect(new Set(drawn.flatMap(({ pngs }) => pngs.map(png => png.toString('base64')))).size).toBe(30)
})

test('the same seed draws the same bytes, and the next run of a sweep new images', async () => {
  const bytes = async (offset: number, seed: number) =>
    (await parts(5, { offset }, randomVl, seed)).flatMap(({ pngs }) => pngs.map(png => png.toString('base64')))
  const first = await bytes(0, 1)
  expect(await bytes(0, 1)).toEqual(first)
  expect(new Set([...first, ...(await bytes(5, 1)), ...(await bytes(0, 2))]).size).toBe(15)
})

test('without room for text beside the template, a prompt is its images alone', async () => {
  const content = (await draw(1, { minPromptLength: 0, maxPromptLength: 8 })).map(textOf)[0]
  expect(content).toEqual([{ type: 'image_url', image_url: { url: expect.any(String) } }])
})
