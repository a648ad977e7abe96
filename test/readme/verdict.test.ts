import { expect, test } from 'vitest'
import { boundTexts, verdictRules } from '../../src/stats/verdict-rules.ts'
import { healthColumns } from '../../src/store/health-table.ts'
import { codeSpans, tableRows } from './readme.ts'

test('the reasons are those of the code, in its words', () => {
  const rows = tableRows('reason').map(cells => cells.map(cell => cell.replaceAll('`', '')))
  const rules = verdictRules.map(rule => [rule.name, rule.measurement, ...boundTexts(rule), rule.advice])
  expect(rows).toEqual(rules.map(cells => cells.map(cell => cell.replaceAll('`', ''))))
})

test('the columns of health are those of the database, in their order', () => {
  const named = tableRows('columns of `health`').flatMap(([cell = '']) => codeSpans(cell))
  expect(named).toEqual(healthColumns.map(({ name }) => name))
})
