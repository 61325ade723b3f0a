// Loaded when there is a reason: the launcher was used, a trigger fired, something is unread, or the page listens.

import { Component, options, render, type ComponentChildren } from "preact";
import type { ClickAnswer } from "../../../protocol/messenger";
import type { App, Kit } from "../kit";
import { leave, Panel } from "./panel";
import { Store } from "./store";
import { sheet } from "./style";
import { speak } from "./words";

const SPACES = ["home", "messages", "help"] as const;

export async function start(kit: Kit): Promise<App> {
  const { root } = kit.launcher;
  await speak(kit);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet()];
  const place = document.createElement("div");
  root.append(place);
  const store = new Store(kit);
  containFaults();
  render(
    <Calm>
      <Panel store={store} />
    </Calm>,
    place,
  );
  kit.signal.addEventListener("abort", () => render(null, place));

  let spoken = kit.launcher.lang;

  const show = (view: Parameters<Store["show"]>[0]) => store.show(view, true);
  const methods: Record<string, (first: unknown) => void> = {
    show: () => (store.open ? undefined : show(worthOpening(store))),
    hide: () => (store.open ? leaveFrom(store) : undefined),
    showMessages: () => show({ name: "messages" }),
    showNewMessage: (text) => show(store.newThread(text === undefined ? "" : String(text))),
    showSpace: (space) => show({ name: SPACES.find((one) => one === space) ?? "home" }),
    showArticle: (id) => show({ name: "article", id: String(id) }),
    showConversation: (id) => show({ name: "thread", thread: String(id) }),
    startConversation: (text) => {
      const words = String(text ?? "").trim();
      const view = store.newThread();
      show(view);
      if (words && view.name === "thread") store.send(view.thread, words);
    },
  };
  const app: App = {
    call: (method, [first]) => methods[method]?.(first),
    fired: (answer: ClickAnswer) => store.fired(answer),
    changed: () => {
      void store.renew();
      store.changed();
      if (kit.launcher.lang !== spoken) {
        spoken = kit.launcher.lang;
        void speak(kit).then(() => store.changed());
      }
    },
    listen: () => void store.connect(),
  };
  store.changed();
  store.recall();
  return app;
}

// A fault of ours in an event ends in the console, and not in the page's `onerror`.
function containFaults(): void {
  const before = options.vnode;
  options.vnode = (vnode) => {
    const props = vnode.props as Record<string, unknown>;
    for (const name of typeof vnode.type === "string" ? Object.keys(props) : []) {
      const act = props[name];
      if (!name.startsWith("on") || typeof act !== "function") continue;
      props[name] = (event: Event) => {
        try {
          act(event);
        } catch (problem) {
          console.warn("Overture:", problem);
        }
      };
    }
    before?.(vnode);
  };
}

// Nor does one in what is drawn: the panel goes, and the page stays.
class Calm extends Component<{ children: ComponentChildren }, { failed?: boolean }> {
  override componentDidCatch(problem: unknown): void {
    console.warn("Overture:", problem);
    this.setState({ failed: true });
  }
  override render() {
    return this.state.failed ? null : this.props.children;
  }
}

// The launcher leads to what waits: one unread conversation, else where one was, else home.
function worthOpening(store: Store): Parameters<Store["show"]>[0] {
  const unread = [...store.talks.values()].filter((talk) => talk.unread > 0);
  if (store.teaser) return { name: "thread", thread: store.teaser.conversation_id };
  if (unread.length === 1) return { name: "thread", thread: (unread[0] as { id: string }).id };
  return null;
}

// Focus goes back to the launcher only from inside the panel.
function leaveFrom(store: Store): void {
  if (store.kit.launcher.root.activeElement) leave(store);
  else store.hide();
}
