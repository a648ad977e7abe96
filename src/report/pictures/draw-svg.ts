import { createRequire } from 'node:module'
import { chartLibraryPath } from '../html/page-files.ts'

/** What the chart library draws, in its own words. */
export type ChartOption = Readonly<Record<string, unknown>>

/** Size of a picture; an SVG scales. */
export interface PictureSize {
  readonly widthPx: number
  readonly heightPx: number
}

/** The part of the chart library that we use. */
interface ChartLibrary {
  setPlatformAPI(api: { measureText(text: string, font: string): { readonly width: number } }): void
  init(
    dom: null,
    theme: null,
    options: { readonly renderer: 'svg'; readonly ssr: true; readonly width: number; readonly height: number },
  ): { setOption(option: ChartOption): void; renderToSVGString(): string; dispose(): void }
}

/** Fonts of all pictures, the best first: ours for PNG, then those of systems that show an SVG. No name needs quotes. */
export const fontFamily = 'DejaVu Sans, Verdana, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif'

/** Draws a chart as SVG, without a browser. Loads the chart library, so never while anything is measured. */
export const drawSvg = async (option: ChartOption, { widthPx, heightPx }: PictureSize): Promise<string> => {
  const { init, setPlatformAPI } = createRequire(import.meta.url)(chartLibraryPath()) as ChartLibrary
  // Without a browser the library takes text for a narrower one than ours is, and things of a row overlap.
  setPlatformAPI({ measureText: (text, font) => ({ width: textWidthPx(text, emPxOf(font)) }) })
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: widthPx, height: heightPx })
  try {
    chart.setOption({ animation: false, backgroundColor: '#fff', textStyle: { fontFamily }, ...option })
    return chart.renderToSVGString()
  } finally {
    chart.dispose()
  }
}

/** About as wide as a text is in our font. */
export const textWidthPx = (text: string, emPx: number): number =>
  emPx *
  Array.from(text, character => (/[\u2e80-\u{3ffff}]/u.test(character) ? 1 : 0.62)).reduce((sum, em) => sum + em, 0)

/** Of `12px DejaVu Sans`. */
const emPxOf = (font: string): number => Number(/([\d.]+)px/.exec(font)?.[1] ?? 12)
