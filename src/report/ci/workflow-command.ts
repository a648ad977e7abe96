import { plainText } from '../text.ts'

/** How GitHub shows an annotation. */
export type AnnotationLevel = 'error' | 'warning' | 'notice'

/** A longer message is cut: the step summary has it all. */
const mostChars = 1000

/** The line that makes GitHub Actions show an annotation, wherever in a step's output it stands. */
export const annotationLine = (level: AnnotationLevel, title: string, message: string): string =>
  `::${level} title=${propertyText(plainText(title))}::${messageText(cut(plainText(message)))}`

const messageText = (text: string): string => text.replace(/[%\r\n]/g, percentEncoded)

const propertyText = (text: string): string => text.replace(/[%\r\n:,]/g, percentEncoded)

const percentEncoded = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`

const cut = (text: string): string => {
  const characters = Array.from(text)
  return characters.length <= mostChars ? text : `${characters.slice(0, mostChars - 1).join('')}…`
}
