import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FileLinkSigner, FileTarget } from './file-target.js';

export interface FileLinkSettings {
  /** Secrets of at least 32 bytes; the first signs, each of them verifies, so that a key can be replaced without a gap. */
  readonly keys: readonly Buffer[];
  /** Address under which the national portal reaches this gateway, such as `https://gateway.example.gov.vn`. */
  readonly publicUrl: string;
  readonly ttlMs: number;
}

/** A place in it is written into links: only ever added to. */
const SOURCES = ['dossier-document', 'dossier-result', 'report-document', 'receipt-pdf', 'payment-bill', 'shipment-waybill', 'shipment-handover'] as const satisfies readonly FileTarget['source'][];
const VERSION = 1;
/** version (1), source (1), row id (8), index (2), expiry in seconds (5). */
const BODY_BYTES = 17;
/** HMAC-SHA-256 cut to 160 bits: more than the 128 that guessing needs, short enough for a URL. */
const MAC_BYTES = 20;
const TOKEN = /^[A-Za-z0-9_-]{50}$/;
const MIN_KEY_BYTES = 32;

/** Signed, time-limited links. A token holds numbers only, so a logged URL tells nothing about a person. */
export class FileLinks implements FileLinkSigner {
  readonly #settings: FileLinkSettings;

  constructor(settings: FileLinkSettings) {
    if (settings.keys.length === 0 || settings.keys.some((key) => key.length < MIN_KEY_BYTES)) throw new RangeError('File link keys need at least 32 bytes');
    this.#settings = { ...settings, publicUrl: settings.publicUrl.replace(/\/+$/, '') };
  }

  sign(target: FileTarget, now: Date): string {
    const body = Buffer.alloc(BODY_BYTES);
    body.writeUInt8(VERSION, 0);
    body.writeUInt8(SOURCES.indexOf(target.source), 1);
    body.writeBigUInt64BE(BigInt(target.rowId), 2);
    body.writeUInt16BE(target.index, 10);
    body.writeUIntBE(Math.ceil((now.getTime() + this.#settings.ttlMs) / 1000), 12, 5);
    const [key] = this.#settings.keys;
    const mac = macOf(body, key as Buffer);
    return `${this.#settings.publicUrl}/files/${Buffer.concat([body, mac]).toString('base64url')}`;
  }

  /** What the token stands for; null when it is forged, cut, or past its time. */
  verify(token: string, now: Date): FileTarget | null {
    if (!TOKEN.test(token)) return null;
    const bytes = Buffer.from(token, 'base64url');
    const body = bytes.subarray(0, BODY_BYTES);
    const mac = bytes.subarray(BODY_BYTES);
    // Every key is tried, so the time taken does not tell which one fits.
    const genuine = this.#settings.keys.map((key) => timingSafeEqual(macOf(body, key), mac)).includes(true);
    const source = SOURCES[body.readUInt8(1)];
    if (!genuine || source === undefined || body.readUInt8(0) !== VERSION) return null;
    if (body.readUIntBE(12, 5) * 1000 <= now.getTime()) return null;
    return { source, rowId: body.readBigUInt64BE(2).toString(), index: body.readUInt16BE(10) };
  }
}

const macOf = (body: Buffer, key: Buffer): Buffer => createHmac('sha256', key).update(body).digest().subarray(0, MAC_BYTES);
