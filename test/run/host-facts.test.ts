import { existsSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { expect, test } from 'vitest'
import { hostFacts } from '../../src/run/host-facts.ts'
import { versions } from '../../src/version.ts'

test('the machine is told by what it can do, not by a name', () => {
  const facts = hostFacts(path => (path === '/etc/os-release' ? 'ID=x\nPRETTY_NAME="Some OS 1"\n' : undefined))
  expect(facts).toMatchObject({ cores: expect.any(Number), memory_gib: expect.any(Number), os: 'Some OS 1' })
  const words = JSON.stringify(facts).split(/[^\w-]+/)
  expect(words).not.toContain(hostname())
  expect(words).not.toContain(userInfo().username)
})

test('a quota of its cgroup is among them', () => {
  const files: Record<string, string> = { '/proc/self/cgroup': '0::/a', '/sys/fs/cgroup/a/cpu.max': '150000 100000' }
  expect(hostFacts(path => files[path])).toMatchObject({ cpu_quota_cores: 1.5, os: expect.any(String) })
})

test('versions are ours, with the commit of a clone, and those of the packages that count', async () => {
  const found = await versions()
  expect(found).toMatchObject({ node: process.version, undici: expect.stringMatching(/^7\./) })
  const isClone = existsSync(new URL('../../.git', import.meta.url))
  expect(found.revision ?? '').toMatch(isClone ? /^[0-9a-f]{40}(-dirty)?$/ : /^$/)
})
