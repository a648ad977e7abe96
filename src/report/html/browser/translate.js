/** Longer texts are others' words: a pattern with many holes would take its time over them. */
const longestText = 1000

/** `{}` is a hole for a figure or a part of a sentence, `[a|b]` stands for one of several forms of a word. */
const patternOf = template => {
  const literal = template.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  const open = literal.replaceAll('\\{\\}', '(.*?)')
  return new RegExp(`^${open.replace(/\\\[(.*?)\\\]/g, (_, forms) => `(?:${forms.replaceAll('\\|', '|')})`)}$`)
}

/**
 * Makes a function that gives a text in another language. `whole` are texts as they stand; of `templates`, English to
 * Chinese, the first that fits is taken, and what stands in its holes is translated like any text and put where `{1}`,
 * `{2}` … say. What nothing fits stays as it is.
 */
export const createTranslator = (whole, templates) => {
  const patterns = Object.entries(templates).map(([english, chinese]) => [patternOf(english), chinese])
  const translate = text => {
    if (Object.hasOwn(whole, text)) return whole[text]
    if (text.length > longestText || !/[A-Za-z]/.test(text)) return text
    for (const [pattern, chinese] of patterns) {
      const found = pattern.exec(text)
      if (found) return chinese.replace(/\{(\d)\}/g, (_, hole) => translate(found[Number(hole)]))
    }
    return text
  }
  return translate
}
