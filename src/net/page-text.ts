const maxPageChars = 200

/** What an error page says: its title, or else its text without tags. Text that is no HTML stays itself. */
export const pageText = (body: string): string => {
  if (!/^\s*<(!doctype html|html|head|body|h1|title|center|p)\b/i.test(body)) return body
  // What it says stands at its beginning, and these patterns take long over much.
  const page = body.slice(0, 8192)
  const title = plain(/<title[^>]*>([^<]*)/i.exec(page)?.[1] ?? '')
  const text = title || plain(page.replace(/<(script|style)\b[\s\S]*?(<\/\1>|$)/gi, ' ').replace(/<[^>]*>/g, ' '))
  return text.slice(0, maxPageChars)
}

const plain = (text: string): string => text.replace(/\s+/g, ' ').trim()
