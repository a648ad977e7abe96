/**
 * The password that a netrc file has for a machine; undefined where it has none. `default` is for machines that are not
 * named, and no key of a service: it is passed over, as are macros.
 */
export const netrcPassword = (text: string, machines: readonly string[]): string | undefined => {
  const words = wordsOf(text)
  let machine: string | undefined
  for (let at = 0; at < words.length; at++) {
    const word = words[at]
    if (word === 'machine') machine = words[++at]
    else if (word === 'default') machine = undefined
    else if (word === 'login' || word === 'account') at++
    else if (word === 'password') {
      const password = words[++at]
      if (machine !== undefined && machines.includes(machine)) return password
    }
  }
  return undefined
}

/** Blanks separate; quotes hold together; `#` begins a comment where a word may begin. */
const wordsOf = (text: string): readonly string[] =>
  [...withoutMacros(text).matchAll(/#[^\n]*|"((?:[^"\\]|\\.)*)"|(\S+)/g)].flatMap(([, quoted, bare]) => {
    if (quoted !== undefined) return [quoted.replace(/\\(.)/g, '$1')]
    return bare === undefined ? [] : [bare]
  })

/** A macro ends at a blank line. */
const withoutMacros = (text: string): string => text.replace(/^\s*macdef\b[\s\S]*?(?:\n[ \t]*\r?\n|$(?![\s\S]))/gm, '')
