import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { reasonOf } from '../../errors.ts'
import { fontFamily } from './draw-svg.ts'
import { glyphSheet, missingGlyphs, unusualCharacters } from './glyphs.ts'

/** A picture as PNG, or why there is none; the notice also names what the picture does not show. */
export interface DrawnPng {
  readonly png: Uint8Array | undefined
  readonly notice: string | undefined
}

/** The part of the renderer that we use. */
export interface PngRenderer {
  readonly Resvg: new (
    svg: string,
    options: { readonly font: FontOptions; readonly fitTo?: { readonly mode: 'zoom'; readonly value: number } },
  ) => { render(): { readonly pixels: Uint8Array; asPng(): Uint8Array } }
}

interface FontOptions {
  readonly loadSystemFonts: boolean
  readonly fontFiles: readonly string[]
  readonly defaultFontFamily: string
}

/** Pixels of the file for each of the SVG: sharp on most screens, and in print. Twice would take twice the time, 0.15 s. */
const zoom = 1.5

/**
 * Draws an SVG as PNG, with a font of our own, so that it looks the same everywhere; fonts of the system are looked for
 * only where a text has characters that ours lacks. Never throws.
 */
export const drawPng = async (svg: string, load = loadRenderer): Promise<DrawnPng> => {
  const renderer = load()
  if (renderer === undefined) {
    return {
      png: undefined,
      notice: 'pictures are SVG alone: a PNG takes the optional package @resvg/resvg-js, which is not installed',
    }
  }
  try {
    return draw(renderer, svg)
  } catch (error) {
    return { png: undefined, notice: `pictures are SVG alone: a PNG cannot be drawn: ${reasonOf(error)}` }
  }
}

const draw = ({ Resvg }: PngRenderer, svg: string): DrawnPng => {
  const missingIn = (characters: readonly string[], font: FontOptions, family: string): readonly string[] =>
    characters.length === 0
      ? []
      : missingGlyphs(characters, new Resvg(glyphSheet(characters, family), { font }).render().pixels)
  const pngOf = (text: string, font: FontOptions): Uint8Array =>
    new Resvg(text, { font, fitTo: { mode: 'zoom', value: zoom } }).render().asPng()

  const foreign = missingIn(unusualCharacters(svg), ownFont(), ownFamily)
  if (foreign.length === 0) return { png: pngOf(svg, ownFont()), notice: undefined }
  const some = foreign.slice(0, mostLookedFor)
  const missing = missingIn(some, allFonts(), foreignFamily)
  const notice = fontNotice(missing, foreign.length > some.length)
  if (missing.length === some.length) return { png: pngOf(withBoxes(svg, foreign), ownFont()), notice }
  return { png: pngOf(withForeignFonts(withBoxes(svg, missing), foreign), allFonts()), notice }
}

/** To look for a character that no font has takes the renderer up to 0.1 s. */
const mostLookedFor = 4

/** What is known to be missing is not looked for again. */
const withBoxes = (svg: string, characters: readonly string[]): string =>
  characters.reduce((text, character) => text.replaceAll(character, '□'), svg)

/** Undefined where it was left out at install, or there is none for this system. */
const loadRenderer = (): PngRenderer | undefined => {
  try {
    return createRequire(import.meta.url)('@resvg/resvg-js') as PngRenderer
  } catch {
    return undefined
  }
}

const ownFamily = 'DejaVu Sans'

const ownFont = (): FontOptions => ({
  loadSystemFonts: false,
  fontFiles: [ownFontPath()],
  defaultFontFamily: ownFamily,
})

const allFonts = (): FontOptions => ({ ...ownFont(), loadSystemFonts: true })

/** A copy beside our code, or, where we run from source, the package itself. */
const ownFontPath = (): string => {
  const copied = fileURLToPath(new URL('../../assets/DejaVuSans.ttf', import.meta.url))
  return existsSync(copied) ? copied : createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')
}

/** Left to itself the renderer takes the first font that has a character: be it bold, or of another language. */
const foreignFamily = [
  ...['Noto Sans CJK SC', 'Noto Sans SC', 'Source Han Sans SC', 'PingFang SC', 'Hiragino Sans GB', 'Heiti SC'],
  ...['Microsoft YaHei', 'SimHei', 'WenQuanYi Micro Hei', 'WenQuanYi Zen Hei', 'Droid Sans Fallback', fontFamily],
].join(', ')

/** Texts with any of these characters are drawn in fonts that are made for them. */
const withForeignFonts = (svg: string, characters: readonly string[]): string =>
  svg.replace(/<text [^>]*>[^<]*<\/text>/g, text =>
    characters.some(character => text.includes(character)) ? text.replace(fontFamily, foreignFamily) : text,
  )

const fontNotice = (missing: readonly string[], hasMore: boolean): string | undefined =>
  missing.length === 0
    ? undefined
    : `no font of this system has ${missing.join('')}${hasMore ? '…' : ''}: the PNG shows boxes in their place; install one that has, such as Noto Sans CJK`
