import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What a file's module loads before it runs: types are gone by then, and what is imported lazily comes later. */
const importedBy = (path: string): readonly string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^(?:import|export) (?!type )([^']*?)(?: ?from )'([^']+)'/gm)]
    .filter(([, names = '']) =>
      names
        .replace(/[{}\s]/g, '')
        .split(',')
        .some(name => name !== '' && !isType(names, name)),
    )
    .map(([, , specifier]) => specifier as string)

const isType = (names: string, name: string): boolean =>
  name.startsWith('type') && new RegExp(`\\btype ${name.slice('type'.length)}\\b`).test(names)

/** All that is loaded with a file: our own modules by path, packages by name. */
const loadedWith = (entry: string): { readonly modules: ReadonlySet<string>; readonly packages: readonly string[] } => {
  const modules = new Set<string>()
  const packages = new Set<string>()
  const visit = (path: string): void => {
    if (modules.has(path)) return
    modules.add(path)
    for (const specifier of importedBy(path)) {
      if (specifier.startsWith('.')) visit(join(dirname(path), specifier))
      else if (!specifier.startsWith('node:')) packages.add(specifier)
    }
  }
  visit(join(root, entry))
  return { modules, packages: [...packages].sort() }
}

test('a benchmark loads, before its first request, no package but those that every benchmark needs', () => {
  const { modules, packages } = loadedWith('src/cli/perf.ts')
  expect(modules.size).toBeGreaterThan(200)
  expect(packages).toEqual(['eventsource-parser', 'pino', 'undici'])
})

test('nor what is made of results when the load is over, or what not every benchmark asks for', () => {
  const { modules } = loadedWith('src/cli/perf.ts')
  const later =
    /report\/(doctor|.*-(report|table)|html|pictures|ci|sla)|run\/(conclude|ci-reports|pictures|sla)|visualizers\//
  expect([...modules].filter(path => later.test(path))).toEqual([])
  const datasets = [...modules].flatMap(path => /\/src\/datasets\/([\w-]+\.ts)$/.exec(path)?.[1] ?? [])
  expect(datasets.sort()).toEqual(['index.ts', 'load-dataset.ts', 'prompt.ts'])
})
