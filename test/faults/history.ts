interface Arrival {
  readonly seq: number;
  readonly kind: 'insert' | 'update' | 'step' | 'status';
  readonly dossierCode: string;
  readonly status: string;
  readonly processedAt: string;
}

export interface History {
  /** Dossiers or steps that never arrived, or whose last state is not the last one filed. */
  readonly lost: readonly string[];
  readonly outOfOrder: readonly string[];
  readonly enteredTwice: readonly string[];
  readonly steps: number;
  readonly stepsRepeated: number;
}

/** What each dossier was filed as, by wire status: dossier and steps received, two steps processing, and so on to the end. */
const FILED = ['dossier 2', 'step 2', 'step 4', 'step 4', 'dossier 4', 'step 9', 'dossier 9'];

const nameOf = (arrival: Arrival): string => `${arrival.kind === 'step' ? 'step' : 'dossier'} ${arrival.status}`;
const keyOf = (arrival: Arrival): string => `${nameOf(arrival)}@${arrival.processedAt}`;

/** Judges from what the sandbox received, and from nothing else. */
export async function readHistory(sandboxUrl: string, codes: readonly string[]): Promise<History> {
  const lost: string[] = [];
  const outOfOrder: string[] = [];
  const enteredTwice: string[] = [];
  let steps = 0;
  let stepsRepeated = 0;
  for (const code of codes) {
    const reply = await fetch(`${sandboxUrl}/control/arrivals?dossierCode=${encodeURIComponent(code)}`);
    const arrivals = (await reply.json()) as Arrival[];
    const first = arrivals.filter((arrival, index) => arrivals.findIndex((other) => keyOf(other) === keyOf(arrival)) === index);
    if (arrivals.filter((arrival) => arrival.kind === 'insert').length > 1) enteredTwice.push(code);
    if (FILED.some((name) => first.filter((arrival) => nameOf(arrival) === name).length !== FILED.filter((filed) => filed === name).length)) lost.push(code);
    if (first.map(nameOf).join() !== FILED.join() || stepsBack(arrivals)) outOfOrder.push(code);
    const arrived = arrivals.filter((arrival) => arrival.kind === 'step').length;
    steps += arrived;
    stepsRepeated += arrived - first.filter((arrival) => arrival.kind === 'step').length;
  }
  return { lost, outOfOrder, enteredTwice, steps, stepsRepeated };
}

/** A repeat of the latest state of a dossier is harmless; an earlier state after a later one is not, nor are steps back in time. */
function stepsBack(arrivals: readonly Arrival[]): boolean {
  const dossiers = arrivals.filter((arrival) => arrival.kind !== 'step').map((arrival) => Number(arrival.status));
  const times = arrivals.filter((arrival) => arrival.kind === 'step').map((arrival) => arrival.processedAt);
  return dossiers.some((status, index) => status < (dossiers[index - 1] ?? 0)) || times.at(-1) !== [...times].sort().at(-1);
}
