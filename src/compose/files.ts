import type { RequestHandler } from 'express';
import type { CoreConfig } from '../config.js';
import type { DossierModule } from '../dossiers/dossier-module.js';
import type { FileLinks } from '../files/file-links.js';
import { createFileHandler } from '../files/file-route.js';
import type { FileStore } from '../files/file-store-port.js';
import { FolderFileStore } from '../files/folder-file-store.js';
import { HttpFileStore } from '../files/http-file-store.js';
import type { Logger } from '../observability/logger.js';
import type { ReceiptModule } from '../receipts/receipt-module.js';
import type { createPostalDesk } from './postal-desk.js';

const FILE_MAX_BYTES = 200_000_000;
const FILE_TIMEOUT_MS = 30_000;

const createFileStore = ({ fileStore }: CoreConfig): FileStore =>
  fileStore.kind === 'folder'
    ? new FolderFileStore(fileStore.folder)
    : new HttpFileStore({ baseUrl: fileStore.baseUrl, bearerToken: fileStore.token, maxBytes: FILE_MAX_BYTES, timeoutMs: FILE_TIMEOUT_MS });

/** Signed links to the portal's own files and to papers that are made or asked for each time. */
export const createFilesRoute = ({ core, fileLinks, dossiers, receipts, postalDesk }: {
  readonly core: CoreConfig; readonly fileLinks: FileLinks; readonly dossiers: DossierModule; readonly receipts: ReceiptModule;
  readonly postalDesk: Pick<ReturnType<typeof createPostalDesk>, 'papers'>;
}, logger: Logger): RequestHandler => {
  const handler = createFileHandler({
    links: fileLinks, source: dossiers.files, store: createFileStore(core), papers: { ...receipts.files, ...postalDesk.papers }, now: () => new Date(),
    onFailure: (error) => logger.warn({ err: error }, 'file could not be served'),
  });
  return (request, response) => handler(request, response, String(request.params['token']));
};
