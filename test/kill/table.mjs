/** How often each part of a run was hit by each signal, and what became of it. */
export const killTable = (kills, phases) => {
  const names = [...new Set(kills.map(({ blow }) => blow.name))]
  const rows = names.map(name =>
    rowOf(
      name,
      kills.filter(({ blow }) => blow.name === name),
      phases,
    ),
  )
  const head = ['signal', ...phases, 'all', 'in order', 'at once', 'killed', 'rows needed', 'rows there', 'problems']
  const shapes = [...new Set(kills.map(({ shape }) => shape.name))]
  const shapeRows = shapes.map(name =>
    rowOf(
      name,
      kills.filter(({ shape }) => shape.name === name),
      phases,
    ),
  )
  return [head, ...rows, rowOf('all', kills, phases), ['shape', ...head.slice(1)], ...shapeRows]
    .map(lineOf(head))
    .join('\n')
}

const rowOf = (name, kills, phases) => {
  const sum = value => kills.reduce((total, kill) => total + value(kill), 0)
  return [
    name,
    ...phases.map(phase => kills.filter(kill => kill.phase === phase).length),
    kills.length,
    ...['in order', 'at once', 'killed'].map(end => kills.filter(kill => kill.end === end).length),
    sum(({ needed }) => needed),
    sum(({ rows }) => rows),
    sum(({ problems }) => (problems.length > 0 ? 1 : 0)),
  ]
}

const lineOf = head => cells =>
  cells
    .map((cell, at) => (at === 0 ? `${cell}`.padEnd(20) : `${cell}`.padStart(Math.max(head[at].length, 5))))
    .join('  ')
