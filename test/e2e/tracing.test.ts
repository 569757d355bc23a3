import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dossierInput, PortalClient } from '../support/portal-client.js';
import { eventually } from '../support/eventually.js';
import { newDataFolder, runGateway, untilReady } from '../support/gateway-process.js';
import type { GatewayProcess } from '../support/gateway-process.js';

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly attributes?: readonly { readonly key: string; readonly value: object }[];
}

interface Export {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

/** A collector that keeps what it is sent, as OTLP over HTTP with JSON. */
async function startCollector(): Promise<{ server: Server; url: string; spans: Span[]; raw: () => string }> {
  const spans: Span[] = [];
  let raw = '';
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      raw += text;
      spans.push(...(JSON.parse(text) as Export).resourceSpans.flatMap((resource) => resource.scopeSpans.flatMap((scope) => scope.spans)));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, spans, raw: () => raw };
}

describe('tracing', () => {
  const folder = newDataFolder();
  let gateway: GatewayProcess | undefined;
  let server: Server | undefined;
  afterEach(async () => {
    gateway?.kill('SIGTERM');
    await gateway?.exit();
    server?.close();
    folder.remove();
  });

  it('follows a dossier from the portal\'s call to the call of the party, and carries no personal data', async () => {
    const collector = await startCollector();
    server = collector.server;
    gateway = runGateway(['start'], {
      DATA_DIR: folder.path, HTTP_PORT: '0', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_BSP_SCHEDULE_DELAY: '200',
      NATIONAL_PORTAL_SEND_TRACEPARENT: 'true',
    });
    const ready = await untilReady(gateway);
    const dossier = dossierInput(7);
    await new PortalClient(`${ready.url}/graphql`, ready.portalKey).upsert([dossier]);
    const delivery = await eventually('the span of the delivery', () => collector.spans.find((span) => span.name === 'deliver upsert-dossier'), { timeoutMs: 30_000 });
    const call = await eventually('the span of the call', () => collector.spans.find((span) => span.name === 'graphql' && span.traceId === delivery.traceId));
    expect(call.traceId).toMatch(/^[0-9a-f]{32}$/);
    const requests = (await (await fetch(`${ready.sandboxUrl}/control/requests`)).json()) as { service: string; traceparent: string | null }[];
    const arrived = requests.find((request) => request.service === 'DongBoHoSoMC');
    expect(arrived?.traceparent).toContain(delivery.traceId);
    for (const personal of [dossier.owner.name, dossier.owner.idNumber, dossier.owner.phone]) expect(collector.raw()).not.toContain(personal);
  }, 120_000);
});
