// What the tool costs, beside other clients on the same streams: `npm run bench -- [--json] [--quick] [--only NAME]`.
import { parseArgs } from 'node:util'
import { machine } from './machine.mjs'
import { startSource } from './processes.mjs'
import { chunk } from './sections/chunk.mjs'

const sections = [chunk]

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: sections.map(section => section.name) },
    pace: { type: 'string', default: 'spread' },
  },
})

const run = async () => {
  const say = values.json ? () => {} : line => console.log(line)
  const { cpu, cores, memoryGb, node, platform } = machine()
  say(`${cpu}, ${cores} cores, ${memoryGb} GB, Node ${node}, ${platform}`)
  const source = await startSource()
  const results = {}
  try {
    for (const section of sections.filter(({ name }) => values.only.includes(name))) {
      say(`\n${section.title}`)
      results[section.name] = await section.measure({ source, isQuick: values.quick, pace: values.pace })
      for (const line of section.lines(results[section.name])) say(`  ${line}`)
    }
  } finally {
    source.close()
  }
  if (values.json) console.log(JSON.stringify({ machine: machine(), ...results }, null, 2))
}

const unknown = values.only.find(name => !sections.some(section => section.name === name))
if (unknown !== undefined) {
  console.error(`--only must be one of ${sections.map(({ name }) => name).join(', ')}, got ${unknown}`)
  process.exitCode = 2
} else await run()
