import { SpanStatusCode, context, propagation, trace, type Attributes, type Context } from '@opentelemetry/api';

const TRACER = 'onestop-gateway';

/**
 * Starts exporting traces over OTLP; the SDK itself reads OTEL_EXPORTER_OTLP_ENDPOINT and its kin. It is loaded here only, so
 * that it costs nothing where tracing is off.
 */
export const startTracing = async (serviceName: string): Promise<{ stop(): Promise<void> }> => {
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({ serviceName, metricReaders: [], logRecordProcessors: [], instrumentations: [] });
  sdk.start();
  return { stop: () => sdk.shutdown() };
};

const traceparentOf = (active: Context): string | null => {
  const carrier: Record<string, string> = {};
  propagation.inject(active, carrier);
  return carrier['traceparent'] ?? null;
};

const parentOf = (traceparent: string | null): Context =>
  traceparent === null ? context.active() : propagation.extract(context.active(), { traceparent });

export interface SpanSettings {
  readonly name: string;
  /** W3C traceparent of the caller; null continues what is active. */
  readonly parent: string | null;
  /** Codes and counts only; never a name, number or text of a citizen. */
  readonly attributes?: Attributes;
}

/**
 * Runs `work` in a span and gives it the traceparent to pass on (null while tracing is off). An error is recorded by its type
 * only, for its text may quote what a party sent.
 */
export const inSpan = async <Result>(settings: SpanSettings, work: (traceparent: string | null) => Promise<Result>): Promise<Result> => {
  const parent = parentOf(settings.parent);
  const span = trace.getTracer(TRACER).startSpan(settings.name, { attributes: settings.attributes ?? {} }, parent);
  const active = trace.setSpan(parent, span);
  try {
    return await context.with(active, () => work(traceparentOf(active)));
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'unknown' });
    throw error;
  } finally {
    span.end();
  }
};
