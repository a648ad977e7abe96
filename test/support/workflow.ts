import { readFileSync } from 'node:fs'

/** What a step of a workflow runs, or the paths that it uploads. */
export interface WorkflowStep {
  /** As written; undefined for a step that is an action. */
  readonly run: string | undefined
  /** `actions/checkout@v4`. */
  readonly uses: string | undefined
  /** One for each line of `path`. */
  readonly paths: readonly string[]
}

/** The steps of a workflow with one job, in their order: as much of YAML as our own files have. */
export const readSteps = (path: string): readonly WorkflowStep[] => {
  const text = readFileSync(path, 'utf8')
  const [, steps] = text.split(/^ {4}steps:\n/m)
  if (steps === undefined) throw new Error(`${path} has no steps`)
  return steps
    .split(/^ {6}- /m)
    .slice(1)
    .map(step => ({
      run: scalarOf(step, 'run'),
      uses: scalarOf(step, 'uses'),
      paths: (scalarOf(step, 'path') ?? '').split('\n').filter(line => line !== ''),
    }))
}

/** A plain value, or a block behind `|` without its indentation. */
const scalarOf = (step: string, key: string): string | undefined => {
  const found = new RegExp(`^( *)${key}: (.*)$`, 'm').exec(step)
  if (found === null) return undefined
  const [line, , value = ''] = found
  if (value !== '|') return value
  const rest = step.slice(found.index + line.length + 1).split('\n')
  const indent = /^ */.exec(rest[0] ?? '')?.[0] ?? ''
  const end = rest.findIndex(text => text !== '' && !text.startsWith(indent))
  const block = end < 0 ? rest : rest.slice(0, end)
  return `${block
    .map(text => text.slice(indent.length))
    .join('\n')
    .trimEnd()}\n`
}
