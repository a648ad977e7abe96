/**
 * The text values of a HOCON file by their whole path, `api.credentials.access_key`; a later one wins. Reads what
 * settings consist of: objects in braces, `=` or `:`, quotes or none, paths with dots, comments. Values of another kind,
 * and what it does not understand, are passed over.
 */
export const hoconTexts = (text: string): ReadonlyMap<string, string> => {
  const values = new Map<string, string>()
  const path: string[] = []
  const tokens = tokensOf(text)
  let key: string | undefined
  for (const [at, token] of tokens.entries()) {
    const isObject =
      tokens[at + 1]?.kind === 'open' || (tokens[at + 1]?.kind === 'assign' && tokens[at + 2]?.kind === 'open')
    if (token.kind === 'open') path.push(key ?? '')
    else if (token.kind === 'close') path.pop()
    else if (token.kind !== 'text') continue
    else if (isObject || tokens[at + 1]?.kind === 'assign') {
      key = token.text
      continue
    } else if (key !== undefined && tokens[at - 1]?.kind === 'assign') {
      values.set([...path, key].filter(name => name !== '').join('.'), token.text)
    }
    key = undefined
  }
  return values
}

interface Token {
  readonly kind: 'open' | 'close' | 'assign' | 'text'
  readonly text: string
}

/** Of an unquoted value the words belong together as far as its line goes; `:` and `/` may stand in it, as in a URL. */
const tokenPattern =
  /(?:#|\/\/)[^\n]*|"""([\s\S]*?)"""|"((?:[^"\\\n]|\\.)*)"|([{[])|([}\]])|(\+?=|:(?!\/\/))|((?:\$\{[^}\n]*\}|[^\s{}[\]=:,#"]|:\/\/|:(?=\d))+)/g

const tokensOf = (text: string): readonly Token[] =>
  [...text.matchAll(tokenPattern)].flatMap(([, long, quoted, open, close, assign, bare]): readonly Token[] => {
    const value = long ?? (quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1'))
    if (value !== undefined) return [{ kind: 'text', text: value }]
    if (open !== undefined) return [{ kind: 'open', text: open }]
    if (close !== undefined) return [{ kind: 'close', text: close }]
    return assign === undefined ? [] : [{ kind: 'assign', text: assign }]
  })
