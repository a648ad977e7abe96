/** What an entry of a list is set off by. */
const bullet = /^\s*• /

/**
 * Breaks a line between words into lines of at most `columns`; a word that is longer stays whole. All but the first stand
 * behind `indent`: by default below the first word of an entry of a list.
 */
export const wrapWords = (
  line: string,
  columns: number,
  indent = ' '.repeat(bullet.exec(line)?.[0].length ?? 0),
): string => {
  const [first = '', ...words] = line.split(/(?<=\S) /)
  const lines = [first]
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`
    if (longer.length <= columns) lines[lines.length - 1] = longer
    else lines.push(indent + word)
  }
  return lines.join('\n')
}
