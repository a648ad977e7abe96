import { describe, expect, test } from 'vitest'
import { anthropic } from '../../src/apis/anthropic.ts'
import type { Api } from '../../src/apis/api.ts'
import { dashscope } from '../../src/apis/dashscope.ts'
import { ollama } from '../../src/apis/ollama.ts'
import { openai } from '../../src/apis/openai.ts'
import { openaiResponses } from '../../src/apis/openai-responses.ts'
import { imagePrompt } from '../../src/datasets/images/image-prompt.ts'
import { dataUrl } from '../../src/datasets/images/image-url.ts'
import { loadPngEncoder } from '../../src/datasets/images/png.ts'
import { imageSize } from '../../src/run/image-size.ts'
import { imageTokens } from '../../src/run/image-tokens.ts'

const encodePng = await loadPngEncoder()
const png = (widthPx: number, heightPx: number): Buffer =>
  encodePng({ widthPx, heightPx, mode: 'L', pixels: Buffer.alloc(widthPx * heightPx) })

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const riff = (hex: string): Buffer => Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP', 'latin1'), bytes(hex)])

describe('the size of', () => {
  test.each<[string, Buffer]>([
    ['a PNG', png(300, 200)],
    ['a GIF', Buffer.concat([Buffer.from('GIF89a'), bytes('2c01 c800 00 00 00')])],
    // Two segments, of which one has a number that looks like a frame's, then bytes that fill, then a frame.
    ['a JPEG', bytes('ffd8 ffe0 0006 ffc0 0000 ffc4 0003 00 ffff ffc0 0011 08 00c8 012c 03')],
    ['a progressive JPEG', bytes('ffd8 ffc2 0011 08 00c8 012c 03')],
    ['a lossy WebP', riff('56503820 00000000 000000 9d012a 2c01 c800')],
    // 299 and 199 in 14 bits each.
    ['a lossless WebP', riff('5650384c 00000000 2f 2bc13100')],
    ['an extended WebP', riff('56503858 0a000000 00000000 2b0100 c70000')],
  ])('%s is read', (_what, image) => {
    expect(imageSize(image)).toEqual({ widthPx: 300, heightPx: 200 })
  })

  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['a text', Buffer.from('a text')],
    ['a PNG that ends early', png(300, 200).subarray(0, 18)],
    ['a JPEG without a frame', bytes('ffd8 ffe0 0004 0000')],
    ['a JPEG of no segments', bytes('ffd8 ffe0 0004 0000 1234 5678')],
    ['a WebP of another kind', riff('41414141 00000000 00000000')],
  ])('%s is not known', (_what, image) => {
    expect(imageSize(image)).toBeUndefined()
  })
})

describe('tokens of images', () => {
  const settings = { chosen: {}, defaults: {}, extraArgs: {}, queryTemplate: undefined }
  const urls = [png(224, 224), png(29, 28)].map(image => dataUrl('image/png', image))

  test.each<[string, Api]>([
    ['openai', openai],
    ['openai_responses', openaiResponses],
    ['anthropic', anthropic],
    ['dashscope', dashscope],
    ['ollama', ollama],
  ])('are counted in bodies of %s: a square for each 28 pixels, whole or begun', (_name, api) => {
    const body = api.buildRequest({ prompt: imagePrompt('what is it?', urls) }, [], settings)
    expect(imageTokens(body, 28)).toEqual({ tokens: 64 + 2, unknownCount: 0 })
    expect(imageTokens(body, 14)).toEqual({ tokens: 256 + 6, unknownCount: 0 })
  })

  test('images that are elsewhere, or of another format, are told apart', () => {
    const content = ['https://h/a.png', dataUrl('image/bmp', Buffer.from('BM')), urls[0]].map(url => ({
      type: 'image_url',
      image_url: { url },
    }))
    expect(imageTokens({ messages: [{ role: 'user', content }] } as never, 28)).toEqual({ tokens: 64, unknownCount: 2 })
  })

  test('a body without images has none', () => {
    const body = { messages: [{ role: 'user', content: 'data:image/png;base64,AA' }], images: null, max_tokens: 5 }
    expect(imageTokens(body, 28)).toEqual({ tokens: 0, unknownCount: 0 })
  })
})
