import { asciiJson, type WireRequest } from './wire.ts'

/** A request that is over with its prefill: the engine emits one token, of which the answer, told by `body`, says nothing. */
export const prefillOnly = (promptTokens: number, body: (id: string, createdSec: number) => object): WireRequest => ({
  request: { stream: false, promptTokens, minTokens: 0, maxTokens: 1, ignoreEos: true, isPrefillOnly: true },
  format: (id, createdSec) => ({
    streamType: '',
    opening: '',
    token: () => '',
    closing: () => '',
    failure: () => '',
    body: () => asciiJson(body(id, createdSec)),
  }),
})
