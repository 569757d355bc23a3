/** First form of a page that is sent by POST, with its first button. */
const FORM = /<form method="post" action="([^"]+)">([\s\S]*?)<\/form>/;
const INPUT = /<input type="hidden" name="([^"]+)" value="([^"]*)">/g;
const BUTTON = /<button name="([^"]+)" value="([^"]*)">/;
const TIMEOUT_MS = 15_000;

const unescaped = (text: string): string => text.replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)));

/** Does at a sandbox's pay page what a browser does: reads it, presses its first button, follows where it leads. */
export const payAtSandbox = async (payUrl: string): Promise<void> => {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const [, action = '', inside = ''] = FORM.exec(await (await fetch(payUrl, { signal })).text()) ?? [];
  const button = BUTTON.exec(inside);
  if (button === null) throw new Error(`The pay page offers nothing to press: ${payUrl}`);
  const fields = [...inside.matchAll(INPUT), button].map(([, name = '', value = '']) => [unescaped(name), unescaped(value)]);
  const answer = await fetch(new URL(unescaped(action), payUrl), { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual', signal });
  await answer.arrayBuffer();
  if (answer.status >= 400) throw new Error(`The pay page answered ${String(answer.status)}`);
};
