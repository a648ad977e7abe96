export { plainText } from '../plain-text.ts'

// What terminals draw two cells wide; ambiguous characters count as narrow, as in cli-table3.
const isWide = (character: string): boolean =>
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff00-\uff60\uffe0-\uffe6]/u.test(
    character,
  )

/** Breaks one line of text into lines of at most `width` terminal cells, anywhere: paths have no spaces. */
export const wrapText = (text: string, width: number): string => {
  const lines = ['']
  let used = 0
  for (const character of text) {
    const cells = isWide(character) ? 2 : 1
    if (used + cells > width) {
      lines.push('')
      used = 0
    }
    lines[lines.length - 1] += character
    used += cells
  }
  return lines.join('\n')
}
