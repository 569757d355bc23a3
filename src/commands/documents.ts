import { readFileSync } from 'node:fs';
import { DocumentFileError, readDocumentFile } from '../graphql/document-file.js';
import { TrustedDocumentStore } from '../graphql/trusted-documents.js';
import { Database } from '../store/database.js';
import { withLifecycle, type Lifecycle } from './lifecycle.js';
import { databaseFor } from './maintenance.js';

const openStore = async (lifecycle: Lifecycle): Promise<TrustedDocumentStore> => {
  const database = new Database({ url: await databaseFor(lifecycle), poolSize: 1, applicationName: 'onestop-documents' });
  lifecycle.onStop('database', () => database.close());
  return new TrustedDocumentStore(database);
};

const show = ({ id, name }: { readonly id: string; readonly name: string | null }): void => console.log(`${id}  ${name ?? ''}`.trimEnd());

/** `documents register <file>`: from now on clients may name these documents by their digests. `documents list`: which they may name. */
export const runDocuments = (action: 'register' | 'list', file?: string): Promise<void> =>
  withLifecycle(async (lifecycle) => {
    if (action === 'list') {
      (await (await openStore(lifecycle)).list()).forEach(show);
      return;
    }
    if (file === undefined) throw new DocumentFileError('Name the file: documents register <file>');
    const documents = readDocumentFile(readFileSync(file, 'utf8'));
    const added = await (await openStore(lifecycle)).register(documents);
    documents.forEach(show);
    console.log(`${added} registered, ${documents.length - added} known before.`);
  });
