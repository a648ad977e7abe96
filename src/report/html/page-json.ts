/**
 * A value as JSON that can stand in an HTML script element: no `<` ends it, and numbers have six digits, which is finer
 * than any picture.
 */
export const pageJson = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'number' ? sixDigits(inner) : inner)).replaceAll(
    '<',
    '\\u003c',
  )

const sixDigits = (value: number): number => (Number.isInteger(value) ? value : Number(value.toPrecision(6)))
