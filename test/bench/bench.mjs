// What the tool costs, beside other clients on the same load: `npm run bench -- [--quick] [--only NAME] [--json]`.
import { resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { availableClients } from './available.mjs'
import { machine } from './machine.mjs'
import { startSource } from './processes.mjs'
import { chunk } from './sections/chunk.mjs'
import { clients } from './sections/clients.mjs'
import { flat } from './sections/flat.mjs'
import { install } from './sections/install.mjs'
import { latency } from './sections/latency.mjs'
import { percentiles } from './sections/percentiles.mjs'
import { request } from './sections/request.mjs'
import { startup } from './sections/startup.mjs'

const sections = [chunk, clients, request, latency, flat, percentiles, startup, install]

const help = `npm run bench -- [options]
  --only NAME      ${sections.map(({ name }) => name).join(', ')}; may be given several times
  --quick          under a minute: shorter runs, fewer of them
  --full           cost in long runs up to 100000 requests
  --json           one JSON document instead of tables
  --pace PACE      how the streams of chunk and clients send: spread (default) or lockstep
  --streams N      for latency, instead of 50, 200 and 1000; may be given several times
  --python PATH    a Python with aiohttp; default python3
  --dist DIR       another build of ours
  --ours JSON      further arguments of ours, as of runPerfBenchmark
  --profile DIR    CPU profiles of the clients go there`

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: sections.map(section => section.name) },
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    pace: { type: 'string', default: 'spread' },
    streams: { type: 'string', multiple: true },
    python: { type: 'string', default: 'python3' },
    dist: { type: 'string' },
    ours: { type: 'string' },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const isJson = text => {
  try {
    return typeof JSON.parse(text) === 'object'
  } catch {
    return false
  }
}

const mistakeIn = ({ only, pace, ours = '{}', streams = [] }) => {
  const unknown = only.find(name => !sections.some(section => section.name === name))
  if (unknown !== undefined)
    return `--only must be one of ${sections.map(({ name }) => name).join(', ')}, got ${unknown}`
  if (!['spread', 'lockstep'].includes(pace)) return `--pace must be spread or lockstep, got ${pace}`
  if (!isJson(ours)) return `--ours must be JSON such as {"workers":2}, got ${ours}`
  const noCount = streams.find(count => !(Number.isInteger(Number(count)) && Number(count) > 0))
  if (noCount !== undefined) return `--streams must be a whole number from 1, got ${noCount}`
  return undefined
}

const createContext = async source => {
  const { names, missing } = await availableClients(values.python)
  const { profile, dist, ours } = values
  return {
    source,
    missing,
    clientNames: names,
    isQuick: values.quick,
    isFull: values.full,
    pace: values.pace,
    streams: values.streams?.map(Number),
    clientOptions: {
      python: values.python,
      nodeFlags: profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', resolve(profile)],
    },
    oursOptions: {
      ...(dist === undefined ? {} : { dist: resolve(dist) }),
      ...(ours === undefined ? {} : { options: JSON.parse(ours) }),
    },
  }
}

const run = async () => {
  const startMs = performance.now()
  const say = values.json ? () => {} : line => console.log(line)
  const { cpu, cores, memoryGb, node, platform } = machine()
  say(`${cpu}, ${cores} cores, ${memoryGb} GB, Node ${node}, ${platform}`)
  const source = await startSource()
  const results = {}
  try {
    const context = await createContext(source)
    for (const line of context.missing) say(line)
    if (values.quick) say('--quick: runs are short, so that V8 compiling the clients weighs more')
    for (const section of sections.filter(({ name }) => values.only.includes(name))) {
      say(`\n${section.title}`)
      results[section.name] = await section.measure(context)
      for (const line of section.lines(results[section.name])) say(`  ${line}`)
    }
  } finally {
    source.close()
  }
  const tookSec = Math.round((performance.now() - startMs) / 1000)
  say(`\ntook ${tookSec} s`)
  if (values.json) console.log(JSON.stringify({ machine: machine(), tookSec, ...results }, null, 2))
}

const mistake = mistakeIn(values)
if (values.help) console.log(help)
else if (mistake !== undefined) {
  console.error(mistake)
  process.exitCode = 2
} else await run()
