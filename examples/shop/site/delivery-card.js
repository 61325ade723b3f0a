// Where an order goes: a component of its own, with its own document inside, as many shops have them.

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
  :host { display: block; margin-top: 16px; padding: 16px; border: 1px solid var(--line); border-radius: 10px; background: var(--card); }
  p { margin: 0 0 4px; }
  .what { font-weight: 600; }
  .where { color: var(--quiet); font-size: 15px; }
  button { margin-top: 12px; min-height: 44px; padding: 0 16px; font: inherit; color: var(--indigo); background: transparent;
    border: 1px solid var(--line); border-radius: 10px; cursor: pointer; }
  button:focus-visible { outline: 2px solid var(--indigo); outline-offset: 2px; }
`);

class DeliveryCard extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    const change = document.createElement("button");
    change.type = "button";
    change.textContent = "Change delivery address";
    root.append(
      line("what", `${this.getAttribute("item")}, order ${this.getAttribute("order")}`),
      line("where", this.getAttribute("street")),
      change,
    );
  }
}

function line(name, text) {
  const made = document.createElement("p");
  made.className = name;
  made.textContent = text;
  return made;
}

customElements.define("delivery-card", DeliveryCard);
