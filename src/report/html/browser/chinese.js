import { chineseAdvice } from './chinese-advice.js'
import { chineseDefinitions } from './chinese-definitions.js'
import { chineseGates } from './chinese-gates.js'
import { chineseFailures, chineseLabels } from './chinese-labels.js'
import { chineseNotes } from './chinese-notes.js'
import { chineseReasons } from './chinese-reasons.js'
import { createTranslator } from './translate.js'

/** A label or sentence of the report in Chinese; what has no translation stays as it is. */
export const inChinese = createTranslator(
  { ...chineseLabels, ...chineseDefinitions },
  { ...chineseReasons, ...chineseNotes, ...chineseAdvice, ...chineseGates },
)

/** A kind of failure, with the name that it has in files. */
export const failureInChinese = kind =>
  Object.hasOwn(chineseFailures, kind) ? `${chineseFailures[kind]} ${kind}` : kind
