// The least that a client must do: undici's `dispatch`, eventsource-parser and `JSON.parse`.
import { runDispatch } from './dispatch.mjs'
import { readerFor } from './readers.mjs'

/** Puts `load` on the source. */
export const run = (load, meter) => runDispatch(load, meter, readerFor(load))
