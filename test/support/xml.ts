/** An element as a parser found it. */
export interface ParsedElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly ParsedElement[]
  /** All text directly below it. */
  readonly text: string
}

/**
 * Reads the part of XML 1.0 that our documents need, and refuses what is not well-formed: a declaration, elements,
 * attributes in double quotes, the five entities and character references. Whitespace is normalized as a parser must.
 */
export const parseXml = (document: string): ParsedElement => {
  if (/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(document))
    throw new Error('a character that XML does not have')
  // 2.11: line ends are line feeds before anything else is looked at.
  const text = document.replace(/\r\n?/g, '\n')
  const declaration = /^<\?xml version="1\.0" encoding="UTF-8"\?>\n/.exec(text)
  if (declaration === null) throw new Error('no declaration')
  const { element, end } = readElement(text, declaration[0].length)
  if (text.slice(end).trim() !== '') throw new Error(`more behind the root: ${text.slice(end, end + 40)}`)
  return element
}

const readElement = (text: string, start: number): { element: ParsedElement; end: number } => {
  const tag = /^<([A-Za-z_][\w.-]*)((?:\s+[A-Za-z_][\w.-]*="[^"<]*")*)\s*(\/?)>/.exec(text.slice(start))
  if (tag === null) throw new Error(`no start tag at: ${text.slice(start, start + 60)}`)
  const [whole, name = '', pairs = '', isEmpty = ''] = tag
  const attributes: Record<string, string> = {}
  for (const [, key = '', value = ''] of pairs.matchAll(/\s([\w.-]+)="([^"]*)"/g)) {
    if (Object.hasOwn(attributes, key)) throw new Error(`attribute ${key} twice`)
    // 3.3.3: white space that is written out is a blank, that of references stays.
    attributes[key] = unescaped(value.replace(/[\t\n]/g, ' '))
  }
  let at = start + whole.length
  if (isEmpty !== '') return { element: { name, attributes, children: [], text: '' }, end: at }
  const children: ParsedElement[] = []
  let content = ''
  for (;;) {
    const next = text.indexOf('<', at)
    if (next < 0) throw new Error(`<${name}> has no end`)
    content += unescaped(text.slice(at, next))
    if (text.startsWith('</', next)) {
      const endTag = `</${name}>`
      if (!text.startsWith(endTag, next)) throw new Error(`<${name}> ends as ${text.slice(next, next + 30)}`)
      return { element: { name, attributes, children, text: content }, end: next + endTag.length }
    }
    const child = readElement(text, next)
    children.push(child.element)
    at = child.end
  }
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const unescaped = (text: string): string => {
  if (text.includes(']]>')) throw new Error(']]> in a text')
  return text.replace(/&([^;]*;?)/g, (reference, body: string) => {
    const [, hex, decimal, name] = /^(?:#x([\da-f]+)|#(\d+)|(\w+));$/i.exec(body) ?? []
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
    const meant = name === undefined ? undefined : entities[name]
    if (meant === undefined) throw new Error(`no reference: ${reference.slice(0, 20)}`)
    return meant
  })
}
