import { measureStartup } from '../startup.mjs'

/** How long the command takes to start. */
export const startup = {
  name: 'startup',
  title: 'Start-up',
  measure: ({ isQuick }) => measureStartup(isQuick ? 3 : 7),
  lines: ({ bare, ...others }) => [
    `bare node ${bare.toFixed(0)} ms`,
    ...Object.entries(others).map(([name, ms]) => `${name} ${ms.toFixed(0)} ms, ${(ms / bare).toFixed(2)} x bare node`),
  ],
}
