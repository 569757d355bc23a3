import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContentInfo, SignedData } from '@peculiar/asn1-cms';
import { AsnConvert } from '@peculiar/asn1-schema';
import { PKIStatus, PKIStatusInfo, TimeStampResp } from '@peculiar/asn1-tsp';

export const POLICY = '1.2.3.4.1';

const CONFIG = `
[ tsa ]
default_tsa = tsa_config
[ tsa_config ]
serial = ./serial
crypto_device = builtin
signer_digest = sha256
default_policy = ${POLICY}
other_policies = 1.2.3.4.5
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`;

export interface AuthorityTraits {
  /** Extensions of its certificate, as in an OpenSSL section. */
  readonly extensions?: readonly string[];
  /** Negative: expired. */
  readonly days?: number;
  readonly key?: 'rsa:2048' | 'rsa:1024' | 'ec';
}

const FOR_STAMPS = ['extendedKeyUsage=critical,timeStamping', 'keyUsage=critical,digitalSignature'];
const keyArguments = (key: AuthorityTraits['key'] = 'rsa:2048'): string[] =>
  key === 'ec' ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] : ['-newkey', key];

/** A time-stamping authority of OpenSSL's own, with a root of its own, in a folder that `remove` deletes. */
export class TimeStampAuthority {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tsa-'));
  readonly caFile = join(this.#folder, 'ca.pem');

  constructor({ extensions = FOR_STAMPS, days = 10, key }: AuthorityTraits = {}) {
    writeFileSync(join(this.#folder, 'serial'), '01\n');
    writeFileSync(join(this.#folder, 'extensions'), `${extensions.join('\n')}\n`);
    this.#openssl('req', '-x509', ...keyArguments('ec'), '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '10', '-subj', '/CN=Test root', '-addext', 'keyUsage=critical,keyCertSign');
    this.#openssl('req', ...keyArguments(key), '-nodes', '-keyout', 'tsa.key', '-out', 'tsa.csr', '-subj', '/CN=Test authority');
    this.#openssl('x509', '-req', '-in', 'tsa.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', String(days), '-extfile', 'extensions', '-out', 'tsa.pem');
  }

  get caPem(): string {
    return readFileSync(this.caFile, 'utf8');
  }

  get certificatePem(): string {
    return readFileSync(join(this.#folder, 'tsa.pem'), 'utf8');
  }

  /** `openssl ts -reply`; with SHA-1 the certificate is named as RFC 3161 first had it. */
  answer(request: Buffer, certificateHash: 'sha256' | 'sha1' = 'sha256'): Buffer {
    writeFileSync(join(this.#folder, 'tsa.cnf'), CONFIG.replace('ess_cert_id_alg = sha256', `ess_cert_id_alg = ${certificateHash}`));
    writeFileSync(join(this.#folder, 'request.tsq'), request);
    this.#openssl('ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'request.tsq', '-signer', 'tsa.pem', '-inkey', 'tsa.key', '-out', 'reply.tsr');
    return readFileSync(join(this.#folder, 'reply.tsr'));
  }

  /** What another authority stated, signed by this one with `openssl cms`, which asks nothing of its certificate. `cades`: names the certificate, as stamps must. */
  signAgain(response: Buffer, options: readonly string[] = ['-cades', '-md', 'sha256']): Buffer {
    const token = AsnConvert.parse(response, TimeStampResp).timeStampToken;
    const signed = AsnConvert.parse(token?.content ?? new ArrayBuffer(0), SignedData);
    writeFileSync(join(this.#folder, 'info.der'), Buffer.from(signed.encapContentInfo.eContent?.single?.buffer ?? new ArrayBuffer(0)));
    this.#openssl('cms', '-sign', '-binary', '-nodetach', '-econtent_type', '1.2.840.113549.1.9.16.1.4', '-outform', 'DER', '-in', 'info.der', '-signer', 'tsa.pem', '-inkey', 'tsa.key', '-out', 'token.der', ...options);
    const signedAgain = AsnConvert.parse(readFileSync(join(this.#folder, 'token.der')), ContentInfo);
    return Buffer.from(AsnConvert.serialize(new TimeStampResp({ status: new PKIStatusInfo({ status: PKIStatus.granted }), timeStampToken: signedAgain })));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #openssl(...parameters: string[]): void {
    execFileSync('openssl', parameters, { cwd: this.#folder, stdio: 'pipe' });
  }
}

export type StampBehaviour = (request: Buffer, response: ServerResponse) => void;

export const stamping = (authority: TimeStampAuthority, change: (answer: Buffer) => Buffer = (answer) => answer): StampBehaviour => (request, response) => {
  response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(change(authority.answer(request)));
};

/** An authority behind HTTP on loopback, which does what the test says. */
export class StampServer {
  readonly requests: Buffer[] = [];
  readonly #server: Server;
  behaviour: StampBehaviour;
  url = '';

  constructor(behaviour: StampBehaviour) {
    this.behaviour = behaviour;
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
        const body = Buffer.concat(parts);
        this.requests.push(body);
        this.behaviour(body, response);
      });
    });
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/tsa`;
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }
}
