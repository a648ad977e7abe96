/** What an entry of a list is set off by. */
const bullet = /^\s*• /

/** Breaks a line between words into lines of at most `columns`; a word that is longer stays whole. */
export const wrapWords = (line: string, columns: number): string => {
  const head = bullet.exec(line)?.[0] ?? ''
  const lines: string[] = []
  let current = head
  for (const word of line.slice(head.length).split(' ')) {
    const isFirst = current.trimEnd() === head.trimEnd()
    const longer = isFirst ? current + word : `${current} ${word}`
    if (!isFirst && longer.length > columns) {
      lines.push(current)
      current = ' '.repeat(head.length) + word
    } else current = longer
  }
  return [...lines, current].join('\n')
}
