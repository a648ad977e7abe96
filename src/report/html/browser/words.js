import { englishWords } from './words-en.js'
import { chineseWords } from './words-zh.js'

/** The page's own words, in both languages. */
export const words = { en: englishWords, zh: chineseWords }
