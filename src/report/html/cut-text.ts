/** The beginning of a text, in at most so many bytes of UTF-8. The copy does not hold on to the whole. */
export const cutText = (text: string, maxBytes: number): string => {
  // Three bytes are the most that one unit takes: what is beyond that need not be encoded.
  const bytes = Buffer.from(text.slice(0, maxBytes + 1))
  if (bytes.length <= maxBytes) return bytes.toString()
  let end = Math.max(0, maxBytes - 3)
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--
  return `${bytes.subarray(0, end).toString()}…`
}
