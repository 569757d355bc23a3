import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { DocumentFileError, readDocumentFile } from '../graphql/document-file.js';
import { DocumentRegister, type RegisterCall } from '../graphql/document-register.js';
import { Database } from '../store/database.js';
import { withLifecycle } from './lifecycle.js';
import { databaseFor } from './maintenance.js';

const withRegister = (work: (register: DocumentRegister) => Promise<void>): Promise<void> =>
  withLifecycle(async (lifecycle) => {
    const database = new Database({ url: await databaseFor(lifecycle), poolSize: 1, applicationName: 'onestop-documents' });
    lifecycle.onStop('database', () => database.close());
    await work(new DocumentRegister(database));
  });

const callBecause = (reason: string): RegisterCall => ({ actor: `server:${userInfo().username}`, reason });
const show = ({ id, name, withdrawnAt = null }: { readonly id: string; readonly name: string | null; readonly withdrawnAt?: Date | null }): void =>
  console.log([id, name ?? '', withdrawnAt === null ? '' : `withdrawn ${withdrawnAt.toISOString()}`].filter(Boolean).join('  '));

/** From now on clients may name these documents by their digests. */
export const registerDocuments = (file: string, { reason }: { readonly reason: string }): Promise<void> =>
  withRegister(async (register) => {
    const documents = readDocumentFile(readFileSync(file, 'utf8'));
    const added = await register.register(callBecause(reason), documents);
    documents.forEach((document) => show(document));
    console.log(`${added} registered, ${documents.length - added} known before.`);
  });

export const listDocuments = (): Promise<void> => withRegister(async (register) => (await register.list()).forEach(show));

/** From a second later on no client may name this document. */
export const withdrawDocument = (id: string, { reason }: { readonly reason: string }): Promise<void> =>
  withRegister(async (register) => {
    if (!(await register.withdraw(callBecause(reason), id.replace(/^sha256:/, '')))) throw new DocumentFileError(`No document ${id} is registered`);
    console.log(`${id} is withdrawn.`);
  });
