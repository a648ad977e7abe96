// A renderer draws a box for a character that no font has, and tells nobody. So each character is drawn alone, below one
// that no font has: those that look the same are missing.

const sidePx = 24
const bytesPerPixel = 4
const mostCharacters = 300

/** Of the last private plane, which fonts leave empty. */
const unknownCharacter = '\u{10fffd}'

/** The characters of a text that not every font has, each once. */
export const unusualCharacters = (text: string): readonly string[] =>
  [...new Set(text.match(/[^\p{ASCII}\p{C}\p{Z}\p{M}]/gu) ?? [])].slice(0, mostCharacters)

/** An SVG of these characters one below the other, in the first font of `family` that there is. */
export const glyphSheet = (characters: readonly string[], family: string): string => {
  const texts = [unknownCharacter, ...characters].map(
    (character, row) =>
      `<text x="2" y="${row * sidePx + 18}" font-size="14" font-family="${family}">${character}</text>`,
  )
  const heightPx = texts.length * sidePx
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${sidePx}" height="${heightPx}">${texts.join('')}</svg>`
}

/** Which of them the pixels (RGBA) of their sheet do not show. */
export const missingGlyphs = (characters: readonly string[], pixels: Uint8Array): readonly string[] => {
  const rowBytes = sidePx * sidePx * bytesPerPixel
  const rowAt = (row: number): Uint8Array => pixels.subarray(row * rowBytes, (row + 1) * rowBytes)
  const box = rowAt(0)
  return characters.filter((_, at) => Buffer.compare(rowAt(at + 1), box) === 0)
}
