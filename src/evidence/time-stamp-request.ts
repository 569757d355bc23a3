import { randomBytes } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { MessageImprint, TimeStampReq } from '@peculiar/asn1-tsp';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';

export const SHA256_OID = '2.16.840.1.101.3.4.2.1';
const NONCE_BYTES = 16;

/** A positive INTEGER without a leading zero byte, so that its DER is the bytes as they are. */
export const newNonce = (): Buffer => {
  const nonce = randomBytes(NONCE_BYTES);
  nonce[0] = 0x40 | ((nonce[0] ?? 0) & 0x3f);
  return nonce;
};

export const plainBuffer = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;

/** TimeStampReq (RFC 3161, 2.4.1) in DER. `imprint`: SHA-256, 32 bytes. `policy`: OID, null for the authority's own choice. */
export const timeStampRequest = (imprint: Buffer, { nonce, policy }: { readonly nonce: Buffer; readonly policy: string | null }): Buffer =>
  Buffer.from(AsnConvert.serialize(new TimeStampReq({
    messageImprint: new MessageImprint({ hashAlgorithm: new AlgorithmIdentifier({ algorithm: SHA256_OID, parameters: null }), hashedMessage: new OctetString(imprint) }),
    nonce: plainBuffer(nonce), certReq: true, ...(policy === null ? {} : { reqPolicy: policy }),
  })));
