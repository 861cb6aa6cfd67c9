// Names that other tools give to options of `convert`, turned into ours before anything is parsed.
// Apart from the options, since every command's arguments pass through here, and most need nothing else of `convert`.

/** Other names for options, from tools people come from: what they type still works. */
const ALIASES: readonly (readonly [flag: string, option: string])[] = [
  ['--outfile', '--output'],
  ['--output-dir', '--output'],
  ['--outtype', '--quant'],
  ['--quantize', '--quant'],
  ['--model-name', '--name'],
  ['--prefill-seq-len', '--prefill-lengths'],
]

/** Rewrites aliases in the arguments before they are parsed; `--model X` becomes the positional argument. */
export function withoutAliases(parameters: readonly string[]): readonly string[] {
  if (parameters[0] !== 'convert') return parameters
  const names = new Map(ALIASES)
  const result: string[] = []
  for (const [index, parameter] of parameters.entries()) {
    const [flag, ...value] = parameter.split('=')
    if (parameter === '--model') continue
    if (flag === '--model') result.push(value.join('='))
    else if (parameters[index - 1] !== '--' && names.has(flag!)) result.push([names.get(flag!)!, ...value].join('='))
    else result.push(parameter)
  }
  return result
}
