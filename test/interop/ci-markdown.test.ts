import fc from 'fast-check'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { describe, expect, test } from 'vitest'
import { plainText } from '../../src/plain-text.ts'
import { markdownReport } from '../../src/report/ci/markdown.ts'
import { codeSpan, markdownTable, markdownText } from '../../src/report/ci/markdown-text.ts'
import { ciReport, gatesOf, hostile, hostileReport, mixedChecks } from '../report/ci/reports.ts'

/** As GitHub renders it, before it looks for names and references. HTML is let through, to be found. */
const render = (markdown: string): string =>
  micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true })

/** What is read of HTML without a tag in it; undefined where there is one. */
const readText = (html: string): string | undefined =>
  /<[a-z/!]/i.test(html)
    ? undefined
    : html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')

/** Texts of all that means something somewhere. */
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc
    .array(
      fc.constantFrom(
        ...[
          '`',
          '``',
          '|',
          '\\',
          '<',
          '>',
          '<b>',
          '&',
          '&amp;',
          '*',
          '**',
          '_',
          '__',
          '~~',
          '[',
          '](x)',
          '!',
          '#',
          '$',
          '@',
        ],
        ...[
          'a',
          'B1',
          ' ',
          '1.',
          '-',
          '+',
          '://',
          'http://x.y',
          'www.x.y',
          'me@x.yz',
          ':',
          '<!--',
          '-->',
          '"',
          "'",
          '=',
          '\n',
        ],
      ),
      { maxLength: 12 },
    )
    .map(parts => parts.join('')),
)

describe('any text of others is read as it was', () => {
  test('in a line', () => {
    fc.assert(
      fc.property(anyText, text => {
        const [, inner] = /^<p>=(.*)=<\/p>$/s.exec(render(`=${markdownText(text)}=`)) ?? []
        expect(readText(inner ?? '<none')?.replaceAll('\u200b', '')).toBe(plainText(text))
      }),
      { numRuns: 500, examples: [['http://x.y_www.x.y']] },
    )
  })

  test('in a cell of a table, which stays one cell', () => {
    fc.assert(
      fc.property(anyText, text => {
        const html = render(markdownTable(['a', 'b'], [[`=${markdownText(text)}=`, 'end']], () => false))
        const cells = [...html.matchAll(/<td>(.*?)<\/td>/gs)].map(([, cell]) => cell)
        expect(cells).toHaveLength(2)
        expect(readText(cells[0] ?? '')?.replaceAll('\u200b', '')).toBe(`=${plainText(text)}=`)
      }),
      { numRuns: 500, examples: [['http://x.y_www.x.y']] },
    )
  })

  test('as code in an item of a list', () => {
    fc.assert(
      fc.property(anyText, text => {
        const [, inner] =
          /^<ul>\n<li>x: (?:<code>)?(.*?)(?:<\/code>)?<\/li>\n<\/ul>$/s.exec(render(`- x: ${codeSpan(text)}`)) ?? []
        expect(readText(inner ?? '<none')).toBe(plainText(text) || '—')
      }),
      { numRuns: 500, examples: [['http://x.y_www.x.y']] },
    )
  })
})

test('the report has two tables, its headings, and one block of code', () => {
  const html = render(markdownReport(ciReport({ gates: gatesOf(mixedChecks) })))
  const tags = [...html.matchAll(/<(h\d|table|pre|ul)>/g)].map(([, tag]) => tag)
  expect(tags).toEqual(['h2', 'table', 'h3', 'ul', 'ul', 'h3', 'table', 'h3', 'ul', 'pre'])
})

test('what a server writes makes no element of its own', () => {
  const html = render(markdownReport(hostileReport(hostile)))
  const allowed = [
    'h2',
    'h3',
    'p',
    'strong',
    'br',
    'table',
    'thead',
    'tbody',
    'tr',
    'th',
    'td',
    'ul',
    'li',
    'code',
    'pre',
  ]
  const tags = new Set([...html.matchAll(/<([a-z]\w*)/gi)].map(([, tag]) => tag as string))
  expect([...tags].filter(tag => !allowed.includes(tag))).toEqual([])
})
