// The page's line to the agent: who we are, what was said, and what we say.
//
// News comes by WebSocket, and by long poll where that does not work. Both go on from one cursor, so nothing is
// missed; what comes twice is told apart by its id.

const API = new URL("api/", document.baseURI);
const WAIT = 25;
const SEND_TIMEOUT = 15_000;

export class NotSent extends Error {}

export class Stream {
  #told;
  #cursor = 0;
  #csrf = "";
  #socket = null;
  #failures = 0;
  #trySocketAt = 0;
  #wake = null;

  // `told` hears { contact }, { news }, { online } and { signedOut }.
  constructor(told) {
    this.#told = told;
  }

  async run() {
    addEventListener("online", () => this.#wake?.());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) { this.#wake?.(); this.catchUp(); }
    });
    for (;;) {
      try {
        if (!this.#csrf) await this.#signIn();
        if (Date.now() >= this.#trySocketAt) await this.#listen();
        await this.#poll(WAIT);
        this.#failures = 0;
      } catch (problem) {
        if (problem.status === 401 || problem.status === 403) this.#csrf = "";
        this.#failures += 1;
        this.#told({ online: false });
        await this.#pause();
      }
    }
  }

  // Ask once for what a sleeping or half-dead connection may have kept back.
  async catchUp() {
    try { if (this.#csrf) await this.#poll(0); } catch { /* the loop sees it too, and says so */ }
  }

  start(body, clientId) {
    return this.#post("conversations", { body, client_id: clientId });
  }

  reply(conversation, body, clientId) {
    return this.#post(`conversations/${encodeURIComponent(conversation)}/replies`, { body, client_id: clientId });
  }

  async #signIn() {
    let session;
    try {
      session = await this.#get("session");
    } catch (problem) {
      if (problem.status === 401 || problem.status === 403) this.#told({ signedOut: true });
      throw problem;
    }
    this.#csrf = session.csrf;
    this.#told({ contact: session.contact });
    await this.#poll(0);
  }

  async #poll(wait) {
    const news = await this.#get(`updates?cursor=${this.#cursor}&wait=${wait}`, (wait + 15) * 1000);
    this.#take(news);
    this.#told({ online: true });
  }

  #take(news) {
    this.#cursor = Math.max(this.#cursor, Number(news.cursor) || 0);
    this.#told({ news });
  }

  // Resolves when the socket has ended: at once when it never opened, and then polling goes on for a while.
  #listen() {
    const url = new URL(`socket?cursor=${this.#cursor}`, API);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return new Promise((ended) => {
      let opened = 0;
      let socket;
      const end = () => {
        clearTimeout(late);
        this.#socket = null;
        // One that lasted may be tried again soon; one that did not is left alone for half a minute or so.
        const rest = opened && Date.now() - opened > 10_000 ? 1_000 : 30_000;
        this.#trySocketAt = Date.now() + rest * (0.75 + Math.random() / 2);
        ended();
      };
      const late = setTimeout(() => socket?.close(), 5_000);
      try { socket = new WebSocket(url); } catch { end(); return; }
      this.#socket = socket;
      socket.onopen = () => {
        opened = Date.now();
        clearTimeout(late);
        this.#failures = 0;
        this.#told({ online: true });
      };
      socket.onmessage = (event) => {
        try { this.#take(JSON.parse(event.data)); } catch { socket.close(); }
      };
      socket.onclose = end;
    });
  }

  async #pause() {
    const longest = Math.min(30_000, 1_000 * 2 ** Math.min(this.#failures, 6));
    await new Promise((go) => {
      const timer = setTimeout(go, longest * (0.5 + Math.random() / 2));
      this.#wake = () => { clearTimeout(timer); go(); };
    });
    this.#wake = null;
  }

  async #get(path, timeout = SEND_TIMEOUT) {
    const response = await fetch(new URL(path, API), {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(timeout),
    });
    if (!response.ok) throw await refusal(response);
    return response.json();
  }

  async #post(path, body, again = true) {
    let response;
    try {
      response = await fetch(new URL(path, API), {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF": this.#csrf },
        credentials: "same-origin",
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(SEND_TIMEOUT),
      });
    } catch {
      throw new NotSent("We could not be reached.");
    }
    if ((response.status === 401 || response.status === 403) && again) {
      try { this.#csrf = (await this.#get("session")).csrf; } catch { throw new NotSent("Reload the page, then send it again."); }
      return this.#post(path, body, false);
    }
    if (!response.ok) throw await refusal(response);
    return response.json();
  }
}

async function refusal(response) {
  let words = "";
  try { words = (await response.json()).errors[0].message; } catch { /* it said nothing we can show */ }
  const problem = new NotSent(words || "We could not take it just now.");
  problem.status = response.status;
  return problem;
}
