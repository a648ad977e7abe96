import { duration, h, hint, number } from './dom.js'
import { sayFailure } from './sentences.js'
import { state } from './state.js'
import { words } from './words.js'

const rowsPerPage = 25

/** The columns of the table of requests: [word, value, text]. Those that no request has are left out. */
const requestColumns = [
  ['sent', row => row.sentSec, row => row.sentSec.toFixed(3)],
  ['turn', row => (row.hasTurns ? row.turn : undefined), row => row.turn],
  ['latencyMs', row => row.latencyMs, row => row.latencyMs.toFixed(2)],
  ['ttftMs', row => row.ttftMs, row => row.ttftMs.toFixed(2)],
  ['tpotMs', row => row.tpotMs, row => row.tpotMs.toFixed(2)],
  ['longestGapMs', row => row.longestGapMs, row => row.longestGapMs.toFixed(2)],
  ['inputTokens', row => row.inputTokens, row => row.inputTokens],
  ['outputTokens', row => row.outputTokens, row => row.outputTokens],
  ['cachedTokens', row => row.cachedTokens, row => row.cachedTokens],
  ['status', row => row.status, row => row.status],
  ['outcome', row => row.failure ?? 'ok', row => (row.failure ? sayFailure(row.failure) : words[state.language].ok)],
]

const outcomeFilters = run => {
  const kinds = [...new Set(run.rows.map(row => row.failure).filter(kind => kind !== undefined))].sort()
  const isFailed = row => row.failure !== undefined
  return [
    ['all', words[state.language].all, () => true],
    ['ok', words[state.language].onlySucceeded, row => !isFailed(row)],
    ...(kinds.length > 0 ? [['failed', words[state.language].onlyFailed, isFailed]] : []),
    ...kinds.map(kind => [`kind ${kind}`, sayFailure(kind), row => row.failure === kind]),
  ]
}

/** Absent values come last, whichever way is sorted. */
const compareRows = (value, direction) => (a, b) => {
  const [one, other] = [value(a), value(b)]
  if (one === undefined || other === undefined) return (one === undefined ? 1 : 0) - (other === undefined ? 1 : 0)
  const order = typeof one === 'string' ? one.localeCompare(other) : one - other
  return direction * order || a.sentSec - b.sentSec
}

export const requestTable = (run, t) => {
  const hasTurns = run.rows.some(row => row.turn > 1)
  for (const row of run.rows) row.hasTurns = hasTurns
  const columns = requestColumns.filter(([, value]) => run.rows.some(row => value(row) !== undefined))
  const filters = outcomeFilters(run)
  const view = { column: columns[0], direction: 1, filter: filters[0], page: 0 }
  const place = h('div', {})
  const show = changes => {
    Object.assign(view, changes)
    place.replaceChildren(...requestPage(run, { view, columns, filters, show, t }))
  }
  show({})
  return place
}

const requestPage = (run, { view, columns, filters, show, t }) => {
  const [, value] = view.column
  const rows = run.rows.filter(view.filter[2]).sort(compareRows(value, view.direction))
  const pages = Math.max(1, Math.ceil(rows.length / rowsPerPage))
  const at = Math.min(view.page, pages - 1)
  const select = h(
    'select',
    { id: 'filter', onchange: ({ target }) => show({ filter: filters[target.selectedIndex], page: 0 }) },
    filters.map(filter =>
      h(
        'option',
        { value: filter[0], selected: filter === view.filter },
        `${filter[1]} (${run.rows.filter(filter[2]).length})`,
      ),
    ),
  )
  const button = (word, target, isOff) =>
    h('button', { type: 'button', class: 'button', disabled: isOff, onclick: () => show({ page: target }) }, word)
  return [
    h(
      'div',
      { class: 'toolbar' },
      h('label', { for: 'filter' }, t.filter),
      select,
      h('span', { class: 'spacer' }),
      button(t.previous, at - 1, at === 0),
      h('span', { class: 'count' }, t.page(at + 1, pages)),
      button(t.next, at + 1, at >= pages - 1),
    ),
    h(
      'div',
      { class: 'scroll' },
      h(
        'table',
        { class: 'requests' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            columns.map(column => requestHead(column, view, show, t)),
          ),
        ),
        h(
          'tbody',
          {},
          rows.slice(at * rowsPerPage, (at + 1) * rowsPerPage).map(row => requestRow(row, columns, t)),
        ),
      ),
    ),
  ]
}

const requestHead = (column, view, show, t) => {
  const isSorted = view.column === column
  const direction = isSorted ? -view.direction : column[0] === 'sent' || column[0] === 'outcome' ? 1 : -1
  return h(
    'th',
    {
      scope: 'col',
      class: column[0] === 'outcome' ? '' : 'number',
      'aria-sort': isSorted ? (view.direction > 0 ? 'ascending' : 'descending') : 'none',
    },
    h(
      'button',
      { type: 'button', onclick: () => show({ column, direction, page: 0 }) },
      t[column[0]],
      h('span', { class: 'arrow', 'aria-hidden': 'true' }, isSorted ? (view.direction > 0 ? '▲' : '▼') : ''),
    ),
  )
}

const requestRow = (row, columns, t) => {
  const open = () => openRequest(row, t)
  return h(
    'tr',
    {
      tabindex: '0',
      class: row.failure ? 'failed' : '',
      onclick: open,
      onkeydown: event => {
        if (event.key === 'Enter') open()
      },
    },
    columns.map(([name, value, text]) =>
      name === 'outcome'
        ? h('td', {}, h('span', { class: row.failure ? 'pill bad' : 'pill good' }, text(row)))
        : h('td', { class: 'number' }, value(row) === undefined ? '—' : text(row)),
    ),
  )
}

/** JSON reads better over several lines; what was cut off is no JSON any more and stays as it is. */
const readable = text => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

const openRequest = (row, t) => {
  const fact = (name, value) => h('div', {}, h('dt', {}, name), h('dd', {}, value))
  const text = (name, value, fallback) => [
    h('h3', {}, name),
    value === undefined || value === '' ? hint(fallback) : h('pre', { tabindex: '0' }, value),
  ]
  const dialog = h(
    'dialog',
    {
      class: 'detail',
      onclose: () => dialog.remove(),
      onclick: event => {
        if (event.target === dialog) dialog.close()
      },
    },
    h(
      'div',
      { class: 'detail-body' },
      h(
        'header',
        {},
        h('h2', {}, `${t.request} ${row.index + 1}`),
        h('span', { class: row.failure ? 'pill bad' : 'pill good' }, row.failure ? sayFailure(row.failure) : t.ok),
        h('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, t.close),
      ),
      h(
        'dl',
        { class: 'facts' },
        fact(t.sent, row.sentSec.toFixed(6)),
        fact(t.latency, duration(row.latencyMs)),
        row.ttftMs !== undefined && fact('TTFT', duration(row.ttftMs)),
        row.tpotMs !== undefined && fact('TPOT', duration(row.tpotMs)),
        row.inputTokens !== undefined && fact(t.inputTokens, number(row.inputTokens)),
        row.outputTokens !== undefined && fact(t.outputTokens, number(row.outputTokens)),
        row.status !== undefined && fact(t.status, row.status),
        row.hasTurns && fact(t.turn, row.turn),
        fact(t.id, row.id),
      ),
      row.error !== undefined && text(t.error, row.error, ''),
      text(t.request, row.request && readable(row.request), t.notKept),
      text(t.answer, row.answer && readable(row.answer), row.failure ? t.noAnswer : t.notKept),
    ),
  )
  document.body.append(dialog)
  dialog.showModal()
}
