// Writes rows until it is killed, and says after each turn how many it has handed over and when.
import { writeSync } from 'node:fs'

const [storeModule, path, driver, exampleJson, pauseMs] = process.argv.slice(2)
const { createStore } = await import(storeModule)
const example = JSON.parse(exampleJson)
const store = await createStore({ path, commitIntervalRows: 100, driver })
store.writeRun('plan', { number: 1 })
let index = 0
const writeSome = () => {
  for (let i = index % 7; i >= 0; i--) {
    store.write({
      ...example,
      index,
      requestId: `request-${index}`,
      responseJson: JSON.stringify('y'.repeat(index % 3000)),
    })
    index++
  }
  writeSync(1, `${index} ${performance.now()}\n`)
  if (pauseMs === '0') setImmediate(writeSome)
  else setTimeout(writeSome, Number(pauseMs))
}
writeSome()
