// The source in a process of its own; it is told what to do over IPC.
import { createSource } from './server.mjs'

const source = createSource({ onHeld: () => process.send({ held: true }) })

process.on('message', ({ configure, release, report }) => {
  if (configure !== undefined) {
    source.configure(configure)
    process.send({ configured: true })
  }
  if (release) source.release()
  if (report) process.send({ report: source.report() })
})
process.on('disconnect', () => process.exit())
process.send({ url: await source.listen() })
