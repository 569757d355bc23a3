/** Papers that a party keeps, or that are drawn here: asked for each time. */
export const PAPER_SOURCES = ['receipt-pdf', 'payment-bill', 'shipment-waybill', 'shipment-handover'] as const;
export type PaperSource = (typeof PAPER_SOURCES)[number];

/** Which file a link stands for: a member of a stored, unchanging row. Ids only; no name, path or person. */
export interface FileTarget {
  readonly source: 'dossier-document' | 'dossier-result' | 'report-document' | PaperSource;
  /** Decimal bigint id of the row. */
  readonly rowId: string;
  /** Position in the row's list. */
  readonly index: number;
}

/** Where the file lies in the portal's own store, and the name under which it is handed out. */
export interface FileReference {
  readonly reference: string;
  readonly name: string;
}

/** Makes links that end by themselves. */
export interface FileLinkSigner {
  /** Absolute URL, valid from now for the configured time. */
  sign(target: FileTarget, now: Date): string;
}
