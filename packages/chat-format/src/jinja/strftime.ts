// `datetime.strftime` of Python in the C locale, in local time: what `strftime_now` of a chat template is.

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const

const two = (value: number): string => value.toString().padStart(2, '0')

const DIRECTIVES: { readonly [letter: string]: (date: Date) => string } = {
  a: (date) => DAYS[date.getDay()]!.slice(0, 3),
  A: (date) => DAYS[date.getDay()]!,
  b: (date) => MONTHS[date.getMonth()]!.slice(0, 3),
  B: (date) => MONTHS[date.getMonth()]!,
  c: (date) => strftime(date, '%a %b %e %H:%M:%S %Y'),
  d: (date) => two(date.getDate()),
  D: (date) => strftime(date, '%m/%d/%y'),
  e: (date) => date.getDate().toString().padStart(2),
  F: (date) => strftime(date, '%Y-%m-%d'),
  f: (date) => `${date.getMilliseconds().toString().padStart(3, '0')}000`,
  H: (date) => two(date.getHours()),
  I: (date) => two(date.getHours() % 12 || 12),
  j: (date) => dayOfYear(date).toString().padStart(3, '0'),
  m: (date) => two(date.getMonth() + 1),
  M: (date) => two(date.getMinutes()),
  n: () => '\n',
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  R: (date) => strftime(date, '%H:%M'),
  S: (date) => two(date.getSeconds()),
  s: (date) => Math.floor(date.getTime() / 1000).toString(),
  t: () => '\t',
  T: (date) => strftime(date, '%H:%M:%S'),
  u: (date) => (date.getDay() || 7).toString(),
  w: (date) => date.getDay().toString(),
  x: (date) => strftime(date, '%m/%d/%y'),
  X: (date) => strftime(date, '%H:%M:%S'),
  y: (date) => two(date.getFullYear() % 100),
  Y: (date) => date.getFullYear().toString(),
  // A datetime without a time zone, which is what templates get, writes nothing.
  z: () => '',
  Z: () => '',
  '%': () => '%',
}

function dayOfYear(date: Date): number {
  const midnight = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
  return Math.round((midnight - Date.UTC(date.getFullYear(), 0, 1)) / 86_400_000) + 1
}

/** Unknown directives stay as written; `%-d` and the like (glibc) drop the padding. */
export function strftime(date: Date, format: string): string {
  return format.replace(/%(-?)([a-zA-Z%])/g, (directive, dash: string, letter: string) => {
    const written = Object.hasOwn(DIRECTIVES, letter) ? DIRECTIVES[letter]!(date) : undefined
    if (written === undefined) return directive
    return dash === '' ? written : written.replace(/^[0 ]+(?=.)/, '')
  })
}
