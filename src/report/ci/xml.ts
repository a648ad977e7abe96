/** An element of an XML document. */
export interface XmlElement {
  readonly name: string
  /** Those that are undefined are left out. */
  readonly attributes: Readonly<Record<string, string | number | undefined>>
  /** Elements, or a text. */
  readonly content: readonly XmlElement[] | string
}

/** The text of a document, indented, with a line break at the end. */
export const xmlDocument = (root: XmlElement): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${elementLines(root, '').join('\n')}\n`

const elementLines = ({ name, attributes, content }: XmlElement, indent: string): readonly string[] => {
  const pairs = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${attributeText(String(value))}"`],
  )
  const start = `${indent}<${name}${pairs.join('')}`
  if (content.length === 0) return [`${start}/>`]
  if (typeof content === 'string') return [`${start}>${xmlText(content)}</${name}>`]
  return [`${start}>`, ...content.flatMap(child => elementLines(child, `${indent}  `)), `${indent}</${name}>`]
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A parser would read it as a line feed.
  '\r': '&#13;',
}

/** Any text as character data. What XML 1.0 has no way to write, such as most control characters, becomes U+FFFD. */
export const xmlText = (text: string): string =>
  text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"\r]/g, character => references[character] as string)

/** Parsers turn line breaks and tabs of attributes into blanks, unless they are references. */
const attributeText = (text: string): string =>
  xmlText(text).replace(/[\t\n]/g, character => `&#${character.charCodeAt(0)};`)
