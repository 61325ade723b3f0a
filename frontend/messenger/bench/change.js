// What happens to a page between a pick and a click. Runs in the page, on a copy of it; a classic script.
// Every change takes the page's root, the targets (which stay the same objects) and a source of chance.

window.OvertureChange = (() => {
  /** Repeatable chance. */
  function chance(seed) {
    let a = seed >>> 0;
    const next = () => {
      a = (a + 0x6d2b79f5) >>> 0;
      let t = Math.imul(a ^ (a >>> 15), a | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    next.pick = (list) => list[Math.floor(next() * list.length)];
    next.letters = (n) =>
      Array.from({ length: n }, () =>
        next.pick("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("")),
      ).join("");
    next.hex = (n) => Array.from({ length: n }, () => next.pick("0123456789abcdef".split(""))).join("");
    return next;
  }

  function* all(root) {
    for (const element of root.querySelectorAll("*")) {
      yield element;
      if (element.shadowRoot) yield* all(element.shadowRoot);
    }
  }

  function parent(element) {
    const up = element.parentNode;
    return up && up.nodeType === 1 ? up : null;
  }

  const WORDS =
    "Settle Harbour Violet Compare Ladder Autumn Proceed Marble Window Journey Copper Meadow Signal Orbit Timber Canvas Lantern Pepper River Quartz".split(
      " ",
    );
  const words = (random, n) => Array.from({ length: n }, () => random.pick(WORDS)).join(" ");

  function eachText(root, f, fits = /\p{L}/u) {
    for (const element of all(root)) {
      if (/^(script|style|noscript|template)$/.test(element.localName)) continue;
      for (const node of element.childNodes)
        if (node.nodeType === 3 && fits.test(node.nodeValue)) f(node, element);
    }
  }

  /** New words on an element, whatever it shows them with. */
  function reword(element, random) {
    const said = () => words(random, 1 + Math.floor(random() * 3));
    let first = true;
    const box = element.parentNode ?? document.createElement("div");
    if (box !== element.parentNode) box.append(element);
    eachText(
      box,
      (node) => {
        if (!element.contains(node)) return;
        node.nodeValue = first ? said() : "";
        first = false;
      },
      /\S/,
    );
    for (const one of [element, ...element.querySelectorAll("*")])
      for (const name of ["aria-label", "title", "alt", "placeholder"])
        if (one.getAttribute(name)) one.setAttribute(name, said());
    if (
      element.localName === "input" &&
      /^(submit|button|reset)$/.test(element.type) &&
      element.getAttribute("value")
    )
      element.setAttribute("value", said());
    return !first;
  }

  /** A copy that is somebody else: without ids, with other words and another address where asked. */
  function copyOf(element, random, renamed) {
    const copy = element.cloneNode(true);
    for (const one of [copy, ...copy.querySelectorAll("*")]) {
      one.removeAttribute("id");
      if (renamed && one.getAttribute("href") && !/^(#|javascript:.*)$/.test(one.getAttribute("href")))
        one.setAttribute("href", "/" + words(random, 2).toLowerCase().replace(" ", "/"));
    }
    if (renamed) reword(copy, random);
    return copy;
  }

  /** An element that stands among others of its level: the target itself, or the item that holds it alone. */
  function item(target) {
    let at = target;
    while (
      parent(at) &&
      parent(at).children.length === 1 &&
      !/^(body|main|section)$/.test(parent(at).localName)
    )
      at = parent(at);
    return at;
  }

  function insertBeside(target, targets, random) {
    const own = random() < 0.5 ? target : item(target);
    const around = own.parentNode;
    if (!around) return;
    const siblings = [...around.children].filter(
      (one) =>
        one !== own &&
        !targets.some((t) => one.contains(t)) &&
        one.textContent.length < 400 &&
        !/^(script|style|link)$/.test(one.localName),
    );
    const model = siblings.length && random() < 0.6 ? random.pick(siblings) : own;
    const isOwn = model === own;
    const copy = copyOf(model, random, isOwn || random() < 0.6);
    around.insertBefore(copy, random() < 0.6 ? own : own.nextSibling);
  }

  function insertAbove(target, random) {
    let at = target;
    for (let up = 1 + Math.floor(random() * 3); up > 0 && parent(at) && parent(at).localName !== "body"; up--)
      at = parent(at);
    if (!at.parentNode) return;
    const fresh = document.createElement(random.pick(["div", "section", "p", "aside"]));
    fresh.className = random.pick(["notice", "banner-strip", "promo", "hint"]);
    fresh.append(words(random, 4));
    if (random() < 0.4) {
      const link = document.createElement("a");
      link.href = "/" + words(random, 1).toLowerCase();
      link.textContent = words(random, 2);
      fresh.append(" ", link);
    }
    at.parentNode.insertBefore(fresh, random() < 0.6 ? at : at.nextSibling);
  }

  function wrapOne(element, random) {
    const around = element.parentNode;
    if (!around || /^(tr|tbody|thead|table|ul|ol|select|dl)$/.test(around.localName ?? "")) return;
    const box = document.createElement(random.pick(["div", "span", "div"]));
    box.className = random.pick(["wrap", "inner", "box-outer", "flex-item"]);
    around.insertBefore(box, element);
    box.append(element);
  }

  function classes(root, random, share) {
    const renamed = new Map();
    for (const element of all(root)) {
      if (!element.classList?.length) continue;
      const fresh = [...element.classList].map((name) => {
        if (!renamed.has(name))
          renamed.set(
            name,
            random() < share
              ? random.pick([
                  `${name}-v2`,
                  `app-${name}`,
                  words(random, 1).toLowerCase() + "-" + random.hex(3),
                  random.letters(6),
                ])
              : name,
          );
        return renamed.get(name);
      });
      element.setAttribute("class", fresh.join(" "));
    }
  }

  function ids(root, random, share) {
    for (const element of all(root))
      if (element.id && random() < share)
        element.id = random.pick([
          `${element.id}-${random.hex(4)}`,
          `n${Math.floor(random() * 1e5)}`,
          `section-${words(random, 1).toLowerCase()}`,
        ]);
  }

  function queries(root, random, share) {
    const build = random.hex(8);
    for (const element of all(root)) {
      const href = element.localName === "a" && element.getAttribute("href");
      if (!href || /^(#|javascript:|mailto:|tel:)/.test(href) || random() > share) continue;
      const [path, hash] = href.split("#");
      element.setAttribute(
        "href",
        `${path}${path.includes("?") ? "&" : "?"}${random.pick(["v", "utm_source", "sid", "_"])}=${build}${hash ? "#" + hash : ""}`,
      );
    }
  }

  // Five ways in which bundlers name classes.
  const STYLES = [
    (name, hash) => `${name}__${hash(5)}`,
    (name, hash) => `css-${hash(7)}`,
    (name, hash) => `${name.replace(/-/g, "_")}_${hash(6)}`,
    (name, hash) => `sc-${hash(8)}`,
    (name, hash) => `_${name}_${hash(5)}_${1 + (name.length % 40)}`,
  ];

  /** What a modern build makes of a page; with another seed, what the next build makes of it. */
  function modern(root, seed, style) {
    const random = chance(seed);
    const given = new Map();
    for (const element of all(root)) {
      const names = element.getAttribute("class");
      if (names === null) continue;
      kept.set(element, kept.get(element) ?? names);
      const first = kept.get(element).split(/\s+/).filter(Boolean);
      const fresh = first.map((name) => {
        if (/^(fa|fas|fab|far|bi|material-icons|icon|ni|nc-icon|tim-icons)$|^(fa|bi|ni|nc|icon)-/.test(name))
          return name;
        if (!given.has(name)) given.set(name, STYLES[style](name, random.letters));
        return given.get(name);
      });
      element.setAttribute("class", fresh.join(" "));
    }
  }
  const kept = new WeakMap();

  const ID_STYLES = [
    (n) => `:r${n.toString(36)}:`,
    (n) => `radix-:R${n.toString(36)}:`,
    (n) => `ember${200 + n}`,
    (n) => `headlessui-menu-button-${n}`,
    (n) => `mui-${n}`,
    (n) => `input-${1000 + n}`,
  ];

  function frameworkIds(root, shift, style) {
    let n = 0;
    for (const element of all(root)) {
      if (element.id || /^(button|input|select|textarea|a|li)$/.test(element.localName)) {
        if (element.localName === "a" && n % 3) {
          n++;
          continue;
        }
        element.id = ID_STYLES[style](shift + n++);
      }
    }
  }

  /** What the next build of a page of today makes of it: what the one before drew by lot is drawn again. */
  function nextBuild(root, seed) {
    const random = chance(seed);
    const given = new Map();
    for (const name of (document.documentElement.dataset.benchDrawn ?? "").split(" ").filter(Boolean))
      given.set(name.toLowerCase(), random.pick("abcdefghjkmn".split("")) + random.hex(1) + random.letters(4));
    if (!given.size) return classes(root, random, 1);
    const known = new RegExp([...given.keys()].join("|"), "gi");
    const redrawn = (text) => text.replace(known, (found) => given.get(found.toLowerCase()));
    for (const element of all(root))
      for (const { name, value } of [...element.attributes]) {
        if (name === "class") element.setAttribute("class", redrawn(value));
        else if (/^(data-v-|_ng)/.test(name) && redrawn(name) !== name) {
          element.removeAttribute(name);
          element.setAttribute(redrawn(name).toLowerCase(), value);
        }
      }
  }

  /** The ids that a framework counts up, in another session. */
  function shiftedIds(root) {
    const shifted = (text) =>
      text.replace(/(:r|«r|mat-mdc-chip-|el-id-|bits-|menu-item-)([0-9a-z]+)/g, (_, kind, n) => kind + (parseInt(n, 36) + 17).toString(36));
    for (const element of all(root))
      for (const name of ["id", "for", "aria-controls", "aria-labelledby", "name"])
        if (element.getAttribute(name)) element.setAttribute(name, shifted(element.getAttribute(name)));
  }

  /** Another language word by word, where names, numbers and borrowed words stay as they are. */
  function translated({ root }) {
    const SYLLABLES = "ka lo mi ten ru sa vel dor ni po gra shi un bel tor ez".split(" ");
    const other = (word) => {
      let h = 7;
      for (const letter of word.toLowerCase()) h = (Math.imul(h, 31) + letter.charCodeAt(0)) >>> 0;
      if (h % 11 === 0) return word; // borrowed
      let made = "";
      for (let n = 0; n < 1 + (word.length >> 2); n++) made += SYLLABLES[(h >>> (4 * n)) % 16];
      return word[0] === word[0].toUpperCase() ? made[0].toUpperCase() + made.slice(1) : made;
    };
    const said = (text) => text.replace(/[\p{L}\p{M}’']{2,}/gu, other);
    eachText(root, (node) => (node.nodeValue = said(node.nodeValue)));
    for (const element of all(root)) {
      for (const name of ["aria-label", "title", "alt", "placeholder"])
        if (element.getAttribute(name)) element.setAttribute(name, said(element.getAttribute(name)));
      if (element.localName === "input" && /^(submit|button|reset)$/.test(element.type) && element.getAttribute("value"))
        element.setAttribute("value", said(element.getAttribute("value")));
    }
  }

  return {
    chance,
    modern,
    nextBuild,
    shiftedIds,
    frameworkIds,
    all,
    changes: {
      unchanged() {},
      deploy({ root, targets, random }) {
        for (const target of targets) insertAbove(target, random);
        classes(root, random, 0.15);
        ids(root, random, 0.2);
        queries(root, random, 0.5);
      },
      release({ root, targets, random, rehash }) {
        for (const target of targets) insertBeside(target, targets, random);
        for (const target of targets)
          if (random() < 0.4) wrapOne(random() < 0.5 ? target : (parent(target) ?? target), random);
        if (rehash) rehash();
        else classes(root, random, 0.3);
      },
      reorder({ targets, random }) {
        const done = new Set();
        for (const target of targets) {
          const around = item(target).parentNode;
          if (!around || done.has(around)) continue;
          done.add(around);
          const children = [...around.children];
          for (let at = children.length - 1; at > 0; at--) {
            const other = Math.floor(random() * (at + 1));
            [children[at], children[other]] = [children[other], children[at]];
          }
          for (const child of children) around.append(child);
        }
      },
      wrap({ targets, random }) {
        for (const target of targets) {
          wrapOne(target, random);
          if (random() < 0.5 && parent(target)) wrapOne(parent(target), random);
        }
      },
      ids({ root, ids: shifted }) {
        if (shifted) shifted();
        else frameworkIds(root, 40, 0);
      },
      rehash({ root, random, rehash }) {
        if (rehash) rehash();
        else classes(root, random, 1);
      },
      i18n({ root }) {
        const said = new Map();
        const other = (text) => {
          const key = text.trim();
          if (!said.has(key))
            said.set(
              key,
              [...key]
                .map((letter) =>
                  /\p{Lu}/u.test(letter)
                    ? "АБВГДЕЖЗИКЛМНОПРСТУФХ"[letter.charCodeAt(0) % 20]
                    : /\p{L}/u.test(letter)
                      ? "абвгдежзиклмнопрстуфх"[(letter.charCodeAt(0) * 7 + key.length) % 20]
                      : letter,
                )
                .join(""),
            );
          return text.replace(key, () => said.get(key));
        };
        eachText(root, (node) => (node.nodeValue = other(node.nodeValue)));
        for (const element of all(root)) {
          for (const name of ["aria-label", "title", "alt", "placeholder"])
            if (element.getAttribute(name)) element.setAttribute(name, other(element.getAttribute(name)));
          if (
            element.localName === "input" &&
            /^(submit|button|reset)$/.test(element.type) &&
            element.getAttribute("value")
          )
            element.setAttribute("value", other(element.getAttribute("value")));
        }
      },
      translated,
    },
    /** Changes made to one target at a time, undone by the function that they return. */
    single: {
      /** The same said a little differently: a word more, a word less, a count. */
      reworded({ target, random }) {
        let done;
        eachText(target, (node) => {
          if (done) return;
          const before = node.nodeValue;
          const list = before.trim().split(/\s+/);
          if (list.length > 1 && random() < 0.5) list.splice(Math.floor(random() * list.length), 1);
          else if (random() < 0.5) list.push(words(random, 1).toLowerCase());
          else list.push(`(${1 + Math.floor(random() * 8)})`);
          node.nodeValue = list.join(" ");
          done = () => (node.nodeValue = before);
        });
        return { skip: !done, undo: done ?? (() => {}) };
      },
      text({ target, random }) {
        const inside = [target, ...target.querySelectorAll("*")];
        const said = inside.flatMap((one) =>
          [...one.childNodes].filter((node) => node.nodeType === 3).map((node) => [node, node.nodeValue]),
        );
        const named = inside.map((one) => [
          one,
          [...one.attributes].map((attribute) => [attribute.name, attribute.value]),
        ]);
        reword(target, random);
        const changed =
          said.some(([node, text]) => node.nodeValue !== text) ||
          named.some(([one, list]) => list.some(([name, value]) => one.getAttribute(name) !== value));
        return {
          skip: !changed,
          undo() {
            for (const [node, text] of said) node.nodeValue = text;
            for (const [one, list] of named) for (const [name, value] of list) one.setAttribute(name, value);
          },
        };
      },
      removed({ target, random }) {
        const gone = random() < 0.5 ? target : item(target);
        const around = gone.parentNode;
        const next = gone.nextSibling;
        gone.remove();
        return {
          gone: true,
          undo() {
            around.insertBefore(gone, next);
          },
        };
      },
    },
  };
})();
