import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** From the bottom up. A module imports its own name and lower layers; names of one layer do not import each other. */
const layers: readonly (readonly string[])[] = [
  ['plain-text.ts'],
  ['model', 'errors.ts', 'version.ts'],
  ['arguments', 'net', 'plugins.ts', 'stats'],
  ['hub'],
  ['tokenizers'],
  ['apis', 'datasets', 'plan'],
  ['load', 'report', 'server', 'store', 'visualizers'],
  ['run'],
  ['cli', 'index.ts'],
]

interface SourceFile {
  /** From the root, with slashes: `src/load/clock.ts`. */
  readonly path: string
  readonly text: string
}

const filesBelow = (folder: string): readonly SourceFile[] =>
  readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && /\.m?ts$|\.mjs$/.test(entry.name))
    .filter(entry => !entry.parentPath.includes('node_modules'))
    .map(entry => join(entry.parentPath, entry.name))
    .map(file => ({
      path: file.slice(root.length).split(sep).join('/'),
      text: readFileSync(file, 'utf8'),
    }))

const sources = filesBelow('src')
const everything = [...sources, ...filesBelow('test'), ...filesBelow('bin')]

/** `load` for `src/load/clock.ts`; `run.ts` and the folder it is split into are one. */
const moduleOf = (path: string): string => (path === 'src/run.ts' ? 'run' : (path.split('/')[1] ?? ''))

const levelOf = (module: string): number => layers.findIndex(names => names.includes(module))

/** Paths of the files that a file imports, lazily or not, types included. */
const importsOf = ({ path, text }: SourceFile): readonly string[] =>
  [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g)].map(([, specifier]) =>
    normalize(join(dirname(path), specifier as string))
      .split(sep)
      .join('/'),
  )

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|(?<![:'])\/\/.*/g, '')

/** The files outside `allowed` whose code matches; `allowed` are paths or their beginnings. */
const offenders = (pattern: RegExp, allowed: readonly string[] = []): readonly string[] =>
  sources
    .filter(({ path }) => !allowed.some(beginning => path.startsWith(beginning)))
    .filter(({ text }) => pattern.test(withoutComments(text)))
    .map(({ path }) => path)

describe('layers', () => {
  test('everything in src belongs to one', () => {
    expect(sources.length).toBeGreaterThan(100)
    expect(sources.filter(({ path }) => levelOf(moduleOf(path)) < 0).map(({ path }) => path)).toEqual([])
  })

  test('imports only point down', () => {
    const wrong = sources.flatMap(file =>
      importsOf(file)
        .filter(target => {
          const [from, to] = [moduleOf(file.path), moduleOf(target)]
          return from !== to && levelOf(to) >= levelOf(from)
        })
        .map(target => `${file.path} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  test('the parts of run.ts do not import it', () => {
    const parts = sources.filter(({ path }) => path.startsWith('src/run/'))
    expect(parts.filter(part => importsOf(part).includes('src/run.ts'))).toEqual([])
  })

  test('only plan, run, cli and index see Arguments', () => {
    const seers = sources.filter(file => importsOf(file).includes('src/arguments/arguments.ts'))
    expect([...new Set(seers.map(({ path }) => moduleOf(path)))].sort()).toEqual(
      ['arguments', 'cli', 'index.ts', 'plan', 'run'].sort(),
    )
  })
})

describe('who may do what', () => {
  test('only these two files read a monotonic clock; everybody else is handed it', () => {
    // The third asks Node how its event loop spends its time, which has no other name.
    const clocks = ['src/load/clock.ts', 'src/server/clock.ts', 'src/load/event-loop.ts']
    expect(offenders(/\bperformance\.|perf_hooks|hrtime/, clocks)).toEqual([])
  })

  test('wall-clock time is read by our servers and, for names, dates and the age of a file, by run and hub', () => {
    const readers = ['src/run', 'src/hub/partial.ts', 'src/server/simulation.ts', 'src/server/local/local-wire.ts']
    expect(offenders(/\bDate\.now\(|\bnew Date\(\)/, readers)).toEqual([])
  })

  test('only entries of a process touch its arguments, its exit and its environment', () => {
    const children = ['simulated-child.ts', 'local/local-child.ts', 'vllm/vllm-supervisor.ts']
    const entries = ['src/cli/', ...children.map(path => `src/server/${path}`)]
    expect(offenders(/process\.(argv|exit|exitCode|on|once)\b/, entries)).toEqual([])
    expect(offenders(/process\.env\b/, ['src/cli/', 'src/index.ts'])).toEqual([])
  })
})

describe('shape', () => {
  test('no file is longer than 300 lines', () => {
    const long = everything.filter(({ text }) => text.trimEnd().split('\n').length > 300)
    expect(long.map(({ path }) => path)).toEqual([])
  })

  test('no folder or file is a drawer for leftovers', () => {
    const drawer = /(^|\/)(utils?|helpers?|common|misc|shared)(\/|\.m?[jt]s$)/
    expect(everything.filter(({ path }) => drawer.test(path)).map(({ path }) => path)).toEqual([])
  })

  test('no default exports, which are for plugins of users', () => {
    expect(offenders(/^export default\b/m)).toEqual([])
  })

  test('no state outside functions and classes', () => {
    expect(offenders(/^(export )?(let|var) /m)).toEqual([])
  })
})

describe('the map in src/README.md', () => {
  const map = readFileSync(join(root, 'src/README.md'), 'utf8')

  test('shows every folder and every file that stands alone', () => {
    const names = new Set(
      sources.map(({ path }) => path.split('/')).map(([, name, below]) => (below ? `${name}/` : name)),
    )
    expect([...names].filter(name => !map.includes(`\n${name} `))).toEqual([])
  })

  test('names no file that is not there', () => {
    const tree = map.slice(map.indexOf('## The tree'), map.indexOf('## Rules'))
    let folder = ''
    const named = tree.split('\n').flatMap(line => {
      folder = /^(?:([\w-]+\/)|\w)/.exec(line)?.[1] ?? (line.startsWith(' ') ? folder : '')
      return [...line.matchAll(/[\w-]+\.ts/g)].map(([name]) => ({ folder: `src/${folder}`, name }))
    })
    const exists = (named: { folder: string; name: string }): boolean =>
      sources.some(({ path }) => path.startsWith(named.folder) && path.endsWith(`/${named.name}`))
    expect(named.length).toBeGreaterThan(90)
    expect(named.filter(entry => !exists(entry))).toEqual([])
  })

  test('points to files that are there', () => {
    const pointers = [...map.matchAll(/`((?:[\w-]+\/)+[\w-]+\.ts)`/g)].map(([, path]) => path as string)
    expect(pointers.length).toBeGreaterThan(20)
    expect(pointers.filter(path => !everything.some(file => [path, `src/${path}`].includes(file.path)))).toEqual([])
  })
})
