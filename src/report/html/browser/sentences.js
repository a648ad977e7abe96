import { failureInChinese, inChinese } from './chinese.js'
import { state } from './state.js'

/** A label or sentence of the report in the language of the page. */
export const say = text => (state.language === 'zh' ? inChinese(text) : text)

/** A kind of failure in the language of the page. */
export const sayFailure = kind => (state.language === 'zh' ? failureInChinese(kind) : kind)
