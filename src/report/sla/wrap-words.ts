/** Lines of at most `width`, those after the first behind `indent`. */
export const wrapWords = (text: string, indent: string, width: number): string => {
  const [first = '', ...words] = text.split(/(?<=\S) /)
  const lines = [first]
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`
    if (longer.length <= width) lines[lines.length - 1] = longer
    else lines.push(indent + word)
  }
  return lines.join('\n')
}
