import { afterEach, describe, expect, it } from '@jest/globals';
import { dossierInput, PortalClient } from '../support/portal-client.js';
import { eventually } from '../support/eventually.js';
import { newDataFolder, runGateway, untilReady } from '../support/gateway-process.js';
import type { GatewayProcess } from '../support/gateway-process.js';
import { startTraceCollector } from '../support/trace-collector.js';
import type { TraceCollector } from '../support/trace-collector.js';

describe('tracing', () => {
  const folder = newDataFolder();
  let gateway: GatewayProcess | undefined;
  let collector: TraceCollector | undefined;
  afterEach(async () => {
    gateway?.kill('SIGTERM');
    await gateway?.exit();
    collector?.close();
    folder.remove();
  });

  it('follows a dossier from the portal\'s call to the call of the party, and carries no personal data', async () => {
    const traces = await startTraceCollector();
    collector = traces;
    gateway = runGateway(['start'], {
      DATA_DIR: folder.path, HTTP_PORT: '0', OTEL_EXPORTER_OTLP_ENDPOINT: traces.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_BSP_SCHEDULE_DELAY: '200',
      NATIONAL_PORTAL_SEND_TRACEPARENT: 'true',
    });
    const ready = await untilReady(gateway);
    const dossier = dossierInput(7);
    await new PortalClient(`${ready.url}/graphql`, ready.portalKey).upsert([dossier]);
    const delivery = await eventually('the span of the delivery', () => traces.spans.find((span) => span.name === 'deliver upsert-dossier'), { timeoutMs: 30_000 });
    const call = await eventually('the span of the call', () => traces.spans.find((span) => span.name === 'graphql' && span.traceId === delivery.traceId));
    expect(call.traceId).toMatch(/^[0-9a-f]{32}$/);
    const requests = (await (await fetch(`${ready.sandboxUrl}/control/requests`)).json()) as { service: string; traceparent: string | null }[];
    const arrived = requests.find((request) => request.service === 'DongBoHoSoMC');
    expect(arrived?.traceparent).toContain(delivery.traceId);
    for (const personal of [dossier.owner.name, dossier.owner.idNumber, dossier.owner.phone]) expect(traces.raw()).not.toContain(personal);
  }, 120_000);
});
