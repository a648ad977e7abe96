import { readFileSync } from 'node:fs'
import { validateXML } from 'xmllint-wasm'

const schema = readFileSync(new URL('../fixtures/junit.xsd', import.meta.url), 'utf8')

/** What libxml2 has against a JUnit document. */
export const junitErrors = async (document: string): Promise<readonly string[]> => {
  const { errors } = await validateXML({
    xml: [{ fileName: 'perf.xml', contents: document }],
    schema: [{ fileName: 'junit.xsd', contents: schema }],
  })
  return errors.map(({ message }) => message)
}
