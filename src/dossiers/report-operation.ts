import type { DeliveryOperation, Unsendable } from '../deliveries/delivery-operation.js';
import type { LeasedDelivery } from '../deliveries/delivery.js';
import { reviveReport } from './content-codec.js';
import type { StatusReport } from './dossier-registry-port.js';
import { DELIVERY_MAX_AGE_MS } from './dossier-settings.js';
import type { ReportContent } from './parse-status-report.js';
import { openOr } from './upsert-operation.js';
import type { DossierDeliveryDeps } from './upsert-operation.js';

export interface ReportDelivery {
  readonly rowId: string;
  readonly report: ReportContent;
}

const withLinks = ({ rowId, report }: ReportDelivery, { fileLinks, now }: DossierDeliveryDeps): StatusReport => ({
  ...report,
  documents: report.documents.map(({ id, name, componentCode, deleted }, index) =>
    ({ id, name, componentCode, deleted, url: fileLinks.sign({ source: 'report-document', rowId, index }, now()) })),
});

const opened = (deps: DossierDeliveryDeps) => (row: { id: string; content: Parameters<typeof reviveReport>[0] }): readonly [string, ReportDelivery | Unsendable] =>
  [row.id, openOr(() => ({ rowId: row.id, report: deps.codec.openReport(reviveReport(row.content)) }))];

export const createReportOperation = (deps: DossierDeliveryDeps): DeliveryOperation<ReportDelivery> => ({
  party: deps.registry.party,
  name: 'report-status',
  effect: 'keyed',
  whenUnknown: { act: 'repeat', afterMs: deps.askAfterMs, because: 'it sets a state; the same state again changes nothing' },
  maxAgeMs: DELIVERY_MAX_AGE_MS,
  async load(deliveries: readonly LeasedDelivery[]) {
    const rows = await deps.store.reports(deliveries.map((delivery) => delivery.subjectId));
    const byId = new Map(rows.map(opened(deps)));
    return new Map(deliveries.flatMap((delivery) => {
      const content = byId.get(delivery.subjectId);
      return content === undefined ? [] : [[delivery.id, content] as const];
    }));
  },
  send: (content, call) => deps.registry.reportStatus(withLinks(content, deps), call),
  settled: (client, settled) => deps.store.settleReports(client, settled),
});
