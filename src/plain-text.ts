import { stripVTControlCharacters } from 'node:util'

/**
 * Foreign text (a server's message, a model name) made safe to print on one line: escape sequences, control characters
 * and invisible format characters (which also misalign tables) removed, line breaks and tabs as spaces.
 */
export const plainText = (text: string): string => withoutControls(text).replace(/\s+/gu, ' ').trim()

/** The same for text of ours that foreign text is part of: its line breaks and blanks stay. */
export const plainLines = (text: string): string =>
  text
    .split('\n')
    .map(line => withoutControls(line).replace(/[\p{Zl}\p{Zp}]/gu, ' '))
    .join('\n')

const withoutControls = (text: string): string =>
  // First the halves of characters: two that come together when all else is gone may be a format character.
  stripVTControlCharacters(text.replace(/\p{Cs}/gu, '\ufffd'))
    .replace(/[\t\n\v\f\r\u0085]/g, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')

/** JSON text of the same value, in which all that a terminal would obey, misplace or not show is escaped. */
export const plainJson = (json: string): string =>
  json.replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, character =>
    Array.from({ length: character.length }, (_, at) => escaped(character.charCodeAt(at))).join(''),
  )

const escaped = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`
