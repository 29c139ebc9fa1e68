import { crc32, deflateRawSync } from "node:zlib";

/** A file to put into a zip; what is left out is as an ordinary zip program writes it. */
export interface ZipPart {
  readonly name: string | Buffer;
  readonly bytes: Buffer;
  readonly stored?: boolean;
  /** General purpose flags: 1 = encrypted, 0x800 = the name is UTF-8. */
  readonly flags?: number;
  readonly method?: number;
  /** Unix mode, e.g. 0o120777 for a link. */
  readonly mode?: number;
}

/** A zip of these files, byte by byte as APPNOTE.TXT lays it out, so that a test can get any of it wrong. */
export function zipOf(parts: readonly ZipPart[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const name = Buffer.from(part.name as string);
    const data = part.stored === true ? part.bytes : deflateRawSync(part.bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(part.flags ?? 0, 2);
    common.writeUInt16LE(part.method ?? (part.stored === true ? 0 : 8), 4);
    common.writeUInt32LE(crc32(part.bytes), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(part.bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, name, data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((part.mode ?? 0) << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02", "latin1"), Buffer.from([20, 3]), common, tail, name]));
    locals.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}
