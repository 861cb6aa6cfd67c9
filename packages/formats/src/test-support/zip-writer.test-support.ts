// Writes zip files as PyTorch does, and as PyTorch never would: every field may be told otherwise. For tests and the fuzzer.
import { ascii, join, u16, u32, u64, zeros } from './byte-parts.test-support.ts'

export type ZipPart = {
  readonly name: string
  readonly bytes: Uint8Array
  readonly method?: number
  readonly flags?: number
  /** What the directory says instead of the truth. */
  readonly told?: { readonly size?: number; readonly compressed?: number; readonly header?: number; readonly name?: string }
}

export type ZipLies = {
  readonly count?: number
  readonly size?: number
  readonly offset?: number
  /** Bytes between the directory and its end record. */
  readonly gap?: Uint8Array
  readonly comment?: Uint8Array
  /** Sizes and offsets in zip64 fields, the narrow ones all ones. */
  readonly zip64?: {
    readonly count?: number | bigint
    readonly size?: number | bigint
    readonly offset?: number | bigint
    readonly at?: number | bigint
  }
}

/** A zip file of stored entries, each aligned to 64 bytes by an extra field, as torch.save pads them. */
export function zipFile(parts: readonly ZipPart[], lies: ZipLies = {}): Uint8Array<ArrayBuffer> {
  let body = zeros(0)
  const records: Uint8Array[] = []
  for (const part of parts) {
    const { method = 0, flags = 0x0808, told = {} } = part
    const header = body.length
    const padding = (64 - ((header + 30 + ascii(part.name).length + 4) % 64)) % 64
    const size = part.bytes.length
    const sizes = u32(0, told.compressed ?? size, told.size ?? size)
    body = join(
      body,
      join(u32(0x04034b50), u16(0), u16(flags), u16(method), u16(0), u16(0), sizes, u16(ascii(part.name).length), u16(padding + 4)),
      join(ascii(part.name), ascii('FB'), u16(padding), zeros(padding), part.bytes),
    )
    const name = ascii(told.name ?? part.name)
    const wide =
      lies.zip64 === undefined ? zeros(0) : join(u16(1), u16(24), u64(told.size ?? size, told.compressed ?? size, told.header ?? header))
    const narrow = (value: number) => (lies.zip64 === undefined ? value : 0xffffffff)
    records.push(
      join(u32(0x02014b50), u16(0), u16(0), u16(flags), u16(method), u16(0), u16(0), u32(0)),
      join(
        u32(narrow(told.compressed ?? size), narrow(told.size ?? size)),
        u16(name.length),
        u16(wide.length),
        zeros(10),
        u32(narrow(told.header ?? header)),
        name,
        wide,
      ),
    )
  }
  const directory = join(...records)
  const gap = lies.gap ?? zeros(0)
  const offset = body.length
  const end64At = offset + directory.length + gap.length
  const { zip64 } = lies
  const end64 =
    zip64 === undefined
      ? zeros(0)
      : join(
          join(u32(0x06064b50), u64(44), zeros(4), u32(0, 0), u64(parts.length, zip64.count ?? parts.length)),
          join(u64(zip64.size ?? directory.length, zip64.offset ?? offset), u32(0x07064b50, 0), u64(zip64.at ?? end64At), u32(1)),
        )
  const comment = lies.comment ?? zeros(0)
  return join(
    body,
    directory,
    gap,
    end64,
    join(u32(0x06054b50), u16(0), u16(0), u16(lies.count ?? parts.length), u16(lies.count ?? parts.length)),
    join(u32(lies.size ?? directory.length, lies.offset ?? offset), u16(comment.length), comment),
  )
}
