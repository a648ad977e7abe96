import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { codeSpans, tableRows } from './readme.ts'

interface Locked {
  readonly version?: string
  readonly license?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly link?: boolean
  readonly hasInstallScript?: boolean
  readonly dev?: boolean
  readonly devOptional?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
}

type Versions = Readonly<Record<string, string>>

const read = <T>(path: string): T => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')) as T

const manifest = read<{
  readonly dependencies: Versions
  readonly optionalDependencies: Versions
  readonly peerDependencies: Versions
  readonly allowScripts: Readonly<Record<string, boolean>>
}>('package.json')

const locked = (lockFile: string): readonly (readonly [path: string, entry: Locked])[] =>
  Object.entries(read<{ packages: Readonly<Record<string, Locked>> }>(lockFile).packages).filter(
    ([path]) => path !== '',
  )

/** Those that come with an install of ours. */
const shipped = locked('package-lock.json').filter(([, { dev, devOptional }]) => !dev && !devOptional)

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

const naming = (entries: readonly (readonly [path: string, entry: Locked])[]): readonly string[] =>
  entries.map(([path]) => nameOf(path))

describe.each([
  'package-lock.json',
  'test/interop/package-lock.json',
  'test/local/package-lock.json',
  'test/browser/package-lock.json',
])('%s', lockFile => {
  const entries = locked(lockFile)

  test('has a hash of every package, but for tools of other systems than the one it was written on', () => {
    expect(entries.length).toBeGreaterThan(0)
    const without = entries.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''))
    expect(naming(without.filter(([, { dev, optional, os }]) => !(dev && optional && os)))).toEqual([])
  })

  test('names no registry, and no folder of a machine', () => {
    expect(naming(entries.filter(([, { resolved, link }]) => resolved !== undefined || link))).toEqual([])
  })
})

describe('what is installed with us', () => {
  test('runs nothing at install but the script of the optional database driver', () => {
    const scripts = locked('package-lock.json').filter(([, { hasInstallScript }]) => hasInstallScript)
    expect(naming(scripts)).toEqual(['better-sqlite3'])
    expect(scripts[0]?.[1].optional).toBe(true)
    expect(manifest.allowScripts).toEqual({ [`better-sqlite3@${scripts[0]?.[1].version}`]: true })
  })

  test('stands in the README, each with its reason', () => {
    const { dependencies, optionalDependencies, peerDependencies } = manifest
    const rows = tableRows('package')
    expect(rows.flatMap(([names = '']) => codeSpans(names)).toSorted()).toEqual(
      Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }).toSorted(),
    )
    for (const [, reason = ''] of rows) expect(reason.length).toBeGreaterThan(5)
  })

  test('has licences that ask for no more than their notice, but for one that asks for changes to its own files', () => {
    const known = ['MIT', 'ISC', 'BSD-3-Clause', 'Apache-2.0', '(MIT OR WTFPL)', '(BSD-2-Clause OR MIT OR Apache-2.0)']
    const others = shipped.filter(([, { license = '' }]) => !known.includes(license))
    expect(
      new Set(others.map(([path, { license }]) => `${nameOf(path).replace(/(?<=resvg-js)-.*/, '')} ${license}`)),
    ).toEqual(new Set(['@resvg/resvg-js MPL-2.0']))
    expect(others.every(([, { optional }]) => optional)).toBe(true)
  })

  test('brings the licences of what is copied into it', () => {
    const assets = readFileSync(new URL('../../scripts/copy-assets.mjs', import.meta.url), 'utf8')
    const copied = [...assets.matchAll(/assets\}\/([\w.-]+)`/g)].map(([, name = '']) => name)
    const ofOthers = copied.filter(name => /\.(js|ttf)$/.test(name)).map(name => name.split('.')[0])
    expect(ofOthers).toEqual(['echarts', 'DejaVuSans'])
    expect(ofOthers.filter(name => !copied.includes(`${name}.LICENSE.txt`))).toEqual([])
  })

  test('is as many packages as the README says', () => {
    const row = tableRows('cost of a long run').find(([what]) => what?.includes('--omit=optional'))
    const required = shipped.filter(([, { optional }]) => !optional)
    // Ours included.
    expect(row?.[1]).toContain(`${required.length + 1} packages`)
  })
})
