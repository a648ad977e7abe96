/** An element with properties, listeners (`onclick`) and children; text only ever becomes text. */
export const h = (name, properties = {}, ...children) => {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
    else if (key === 'class') element.className = value
    else element.setAttribute(key, value === true ? '' : value)
  }
  for (const child of children.flat(3)) {
    if (child === undefined || child === null || child === false) continue
    element.append(child instanceof Node ? child : document.createTextNode(String(child)))
  }
  return element
}

/** A number with at most four digits that say something, grouped: 12,345 or 1.234 or 0.0123. */
export const number = (value, digits = 4) => {
  if (value === undefined || value === null || !Number.isFinite(value)) return '—'
  if (Math.abs(value) >= 10 ** (digits - 1)) return Math.round(value).toLocaleString('en-US')
  return Number(value.toPrecision(digits)).toLocaleString('en-US', { maximumFractionDigits: 6 })
}

/** A time given in ms, in the unit that reads best. */
export const duration = ms => {
  if (ms === undefined || ms === null || !Number.isFinite(ms)) return '—'
  if (ms >= 1000) return `${number(ms / 1000)} s`
  return ms > 0 && ms < 0.1 ? `${number(ms * 1000, 3)} µs` : `${number(ms)} ms`
}

export const percent = value => {
  if (value === undefined || value === null) return '—'
  // One failure in 3000 must not read as 100 %.
  return `${value < 100 && value >= 99.95 ? '99.9' : number(value, 3)} %`
}

export const withUnit = (value, unit) => (value === undefined || value === null ? '—' : `${number(value)} ${unit}`)

export const card = (title, ...children) => h('section', { class: 'card' }, title && h('h3', {}, title), children)

export const hint = text => h('p', { class: 'hint' }, text)

/** A table of texts; `numeric` columns are aligned to the right. */
export const table = ({ head, rows, firstIsText = 1, caption, isNarrow = false }) =>
  h(
    'div',
    { class: 'scroll', tabindex: '0' },
    h(
      'table',
      { class: isNarrow ? 'narrow' : undefined },
      caption && h('caption', {}, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          head.map((cell, at) => h('th', { scope: 'col', class: at < firstIsText ? '' : 'number' }, cell)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map(cells =>
          h(
            'tr',
            {},
            cells.map((cell, at) =>
              h(at === 0 ? 'th' : 'td', { scope: at === 0 && 'row', class: at < firstIsText ? '' : 'number' }, cell),
            ),
          ),
        ),
      ),
    ),
  )
