/** The body that the bare clients send: the fields that ours sends too. */
export const requestBody = ({ kind }) =>
  JSON.stringify({
    messages: [{ role: 'user', content: promptText }],
    model: 'm',
    max_tokens: 2048,
    ...(kind === 'plain' ? { stream: false } : { stream: true, stream_options: { include_usage: true } }),
  })

/** What every client asks. */
export const promptText = 'Why is the sky blue?'

/** Where `load` is sent, and where connections are opened before it. */
export const addresses = ({ url }) => ({
  origin: new URL(url).origin,
  path: '/v1/chat/completions',
  warmPath: '/warm',
})

/** Sends `load.requests` requests, `load.streams` at a time; `send(slot, index)` resolves at a request's end. */
export const fillSlots = async ({ streams, requests }, send) => {
  let next = 0
  const runSlot = async slot => {
    while (next < requests) await send(slot, next++)
  }
  await Promise.all(Array.from({ length: Math.min(streams, requests) }, (_, slot) => runSlot(slot)))
}
