// JSON as Python's `json.dumps(…, ensure_ascii=False)` writes it, so that digests made there can be compared here.
// For tests only: values of metadata, not any object.

/** A float as Python's `repr`: always with a point or an exponent of two digits. */
function pythonFloat(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return `${Object.is(value, -0) ? '-0' : value}.0`
  const text = String(value).replace(/e([+-])(\d)$/, 'e$10$2')
  return /^-?0\.0000/.test(text) ? value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2') : text
}

/** Only these characters are escaped; everything else, DEL and U+2028 too, is written as it is. */
function pythonString(text: string): string {
  return JSON.stringify(text)
}

/** @param floats writes numbers as floats, as Python's type would. */
export function pythonJson(values: readonly (string | number | boolean)[], floats: boolean): string {
  const item = (value: string | number | boolean) =>
    typeof value === 'string' ? pythonString(value) : typeof value === 'number' && floats ? pythonFloat(value) : String(value)
  return `[${values.map(item).join(', ')}]`
}
