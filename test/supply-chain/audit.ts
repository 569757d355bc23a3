import { spawnSync } from 'node:child_process';

const TIMEOUT_MS = 60_000;

/** Reports known weaknesses of what is shipped. A registry without advisories is said and is no failure: this is no gate. */
const { stdout, error } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8', timeout: TIMEOUT_MS, maxBuffer: 50_000_000 });
interface Report {
  readonly message?: string;
  readonly metadata?: { readonly vulnerabilities?: Readonly<Record<'critical' | 'high' | 'moderate' | 'low', number>> };
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly via: readonly (string | { readonly title: string })[] }>>;
}

let report: Report | null = null;
try {
  report = JSON.parse(stdout) as Report;
} catch {
  // No JSON: npm could not ask at all.
}
if (report?.metadata?.vulnerabilities === undefined) {
  console.log(`The registry offers no audit (${report?.message ?? error?.message ?? 'no answer'}); nothing was checked.`);
} else {
  const { critical, high, moderate, low } = report.metadata.vulnerabilities;
  for (const [name, { severity, via }] of Object.entries(report.vulnerabilities ?? {})) console.log(`${severity} ${name}: ${via.map((cause) => (typeof cause === 'string' ? cause : cause.title)).join('; ')}`);
  console.log(`${critical} critical, ${high} high, ${moderate} moderate, ${low} low`);
  process.exitCode = critical + high > 0 ? 1 : 0;
}
