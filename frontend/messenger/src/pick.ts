// Choosing an element, from the one-time token on the address to the answer at the server. Loaded only for that.

import { pick } from "./picker";

const PLACE = "overture:pick";

export async function begin(base: string, token: string | undefined): Promise<void> {
  const call = async (path: string, body: object) => {
    const response = await fetch(`${base}/messenger/api/pick/${path}`, {
      method: "POST",
      headers: { "Content-Type": "text/plain" },
      body: JSON.stringify(body),
      credentials: "omit",
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.errors?.[0]?.message ?? "");
    return answer;
  };
  try {
    const page = { url: location.href, title: document.title };
    const given = token ? { pick_token: token } : { pick: sessionStorage.getItem(PLACE) };
    const session = await call("open", { ...given, page });
    sessionStorage.setItem(PLACE, session.pick);
    pick({
      name: session.name,
      current: session.current,
      result: async (found) => {
        await call("result", { pick: session.pick, page: { url: location.href }, ...found });
        sessionStorage.removeItem(PLACE);
      },
      cancel: () => {
        sessionStorage.removeItem(PLACE);
        void call("cancel", { pick: session.pick }).catch(() => {});
      },
    });
  } catch (problem) {
    sessionStorage.removeItem(PLACE);
    console.error(`Overture: choosing an element could not begin. ${(problem as Error).message}`);
  }
}
