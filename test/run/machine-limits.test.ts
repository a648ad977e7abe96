import { expect, test } from 'vitest'
import { type MachineReader, readMachineLimits } from '../../src/run/machine-limits.ts'

const limitsText = (soft: string, hard: string): string =>
  [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max processes             96365                96365                processes ',
    `Max open files            ${soft.padEnd(21)}${hard.padEnd(21)}files     `,
    'Max locked memory         8388608              8388608              bytes     ',
  ].join('\n')

const linuxFiles: Readonly<Record<string, string>> = {
  '/proc/self/limits': limitsText('20000', '30000'),
  '/proc/sys/net/ipv4/ip_local_port_range': '32768\t60999\n',
  '/proc/sys/net/ipv4/tcp_tw_reuse': '2\n',
}

const linux = (files = linuxFiles): MachineReader => ({
  platform: 'linux',
  readText: path => files[path],
  list: directory => (directory === '/proc/self/fd' ? ['0', '1', '2', '17', '18'] : undefined),
  shell: () => {
    throw new Error('no shell is needed')
  },
})

const bare = (platform: NodeJS.Platform, printed: string | undefined): MachineReader => ({
  platform,
  readText: () => undefined,
  list: directory => (directory === '/dev/fd' && platform === 'darwin' ? ['0', '1', '2', '3'] : undefined),
  shell: () => printed,
})

test('Linux tells the soft limit, the descriptors in use without the one that counts them, and the ports', () => {
  expect(readMachineLimits(linux())).toEqual({
    platform: 'linux',
    openFiles: 20_000,
    openFilesInUse: 4,
    localPorts: { min: 32_768, max: 60_999 },
    closedPortReuse: 'loopback',
  })
})

test('what is unlimited or hidden is undefined, beside what is known', () => {
  const limits = readMachineLimits(linux({ '/proc/self/limits': limitsText('unlimited', 'unlimited') }))
  expect(limits).toMatchObject({ openFiles: undefined, localPorts: undefined, closedPortReuse: undefined })
  expect(limits.openFilesInUse).toBe(4)
})

test.each([
  ['0', 'none'],
  ['1', 'all'],
  ['2', 'loopback'],
  ['x', undefined],
])('tcp_tw_reuse %s lets ports to %s addresses be used again', (text, reuse) => {
  const files = { ...linuxFiles, '/proc/sys/net/ipv4/tcp_tw_reuse': text }
  expect(readMachineLimits(linux(files)).closedPortReuse).toBe(reuse)
})

test.each([
  // what the shell prints                 open files, ports
  ['10240\n49152\n65535\n', 10_240, { min: 49_152, max: 65_535 }],
  ['unlimited\n49152\n65535\n', undefined, { min: 49_152, max: 65_535 }],
  ['256\n', 256, undefined],
  ['256\nsysctl: unknown oid\n', 256, undefined],
  ['256\n65535\n49152\n', 256, undefined],
  ['', undefined, undefined],
  [undefined, undefined, undefined],
])('where there is no /proc, a shell that prints %j is understood', (printed, openFiles, localPorts) => {
  const limits = readMachineLimits(bare('darwin', printed))
  expect(limits).toMatchObject({ openFiles, localPorts, openFilesInUse: 3, closedPortReuse: undefined })
})

test('Windows is asked nothing', () => {
  const shell = (): never => {
    throw new Error('asked')
  }
  const limits = readMachineLimits({ ...bare('win32', undefined), shell })
  expect(limits).toMatchObject({ openFiles: undefined, openFilesInUse: undefined, localPorts: undefined })
})

test('this machine can be read', () => {
  const limits = readMachineLimits()
  expect(limits.platform).toBe(process.platform)
  if (process.platform === 'linux') expect(limits.openFilesInUse).toBeGreaterThan(2)
})
