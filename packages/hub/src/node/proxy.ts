// A transport that goes through the proxy the environment names. Without one, Node's own fetch is used and nothing is loaded.
// Node can read these variables itself only when told so at its start (NODE_USE_ENV_PROXY), which a program cannot do for itself
// on every version we support; undici is the library Node's fetch is made of.
import { hubError } from '../errors.ts'
import type { Environment } from './environment.ts'

/**
 * A fetch that honours HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY (lower case first, as curl has it), or undefined when none is set.
 * @throws FsError `hub/bad-proxy` for an address that is no http or https proxy, without repeating it: it may hold a password
 */
export async function proxyFetch(environment: Environment): Promise<typeof fetch | undefined> {
  const any = proxyAddress(environment, 'ALL_PROXY')
  const httpProxy = proxyAddress(environment, 'HTTP_PROXY') ?? any
  const httpsProxy = proxyAddress(environment, 'HTTPS_PROXY') ?? any
  if (httpProxy === undefined && httpsProxy === undefined) return undefined
  const undici = await import('undici')
  // Empty strings, because for an absent option the agent would look into the real environment.
  const dispatcher = new undici.EnvHttpProxyAgent({
    httpProxy: httpProxy ?? '',
    httpsProxy: httpsProxy ?? '',
    noProxy: read(environment, 'NO_PROXY') ?? '',
    // Proxies often allow tunnels to port 443 alone; plain http is handed to them as it is.
    proxyTunnel: false,
  })
  // The same types under two names: those of @types/node and those of the library.
  const throughProxy = undici.fetch as unknown as (url: string, init: RequestInit & { dispatcher: object }) => Promise<Response>
  return (input, init) => throughProxy(input instanceof Request ? input.url : String(input), { ...init, dispatcher })
}

function proxyAddress(environment: Environment, name: string): string | undefined {
  const text = read(environment, name)
  if (text === undefined) return undefined
  // curl takes a bare host:port, and so do people.
  const url = URL.parse(text.includes('://') ? text : `http://${text}`)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw hubError('hub/bad-proxy', `${name} is not the address of an http or https proxy; write it as http://host:port or unset it`, {
      variable: name,
    })
  return url.href
}

function read(environment: Environment, name: string): string | undefined {
  return environment[name.toLowerCase()] || environment[name] || undefined
}
