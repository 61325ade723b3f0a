// Runs in the page: picks targets, describes them, changes the page, resolves them again. A classic script.

window.OvertureMeasure = (() => {
  const { chance, modern, nextBuild, shiftedIds, frameworkIds, all, changes, single } = window.OvertureChange;
  const { describe, resolve, judge } = window.OvertureLocatorBench;
  const CLICKABLE =
    "a,button,summary,input:not([type=hidden]),select,[role=button],[role=tab],[role=link],[onclick]";

  /** A copy of a tree with its open shadow roots; custom elements become plain ones, so that nothing starts again. */
  function copied(node, map) {
    if (node.nodeType !== 1) return node.cloneNode(false);
    const custom = node.localName.includes("-");
    const copy = custom ? document.createElement(`${node.localName}-copy`) : node.cloneNode(false);
    if (custom) for (const { name, value } of node.attributes) copy.setAttribute(name, value);
    map.set(node, copy);
    for (const child of node.childNodes) if (child.localName !== "script") copy.append(copied(child, map));
    if (node.shadowRoot) {
      const root = copy.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = node.shadowRoot.adoptedStyleSheets;
      for (const child of node.shadowRoot.childNodes) root.append(copied(child, map));
    }
    return copy;
  }

  const seen = (element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    element.getBoundingClientRect().width > 3 &&
    element.getBoundingClientRect().height > 3;

  function known(element) {
    const read = (name) => element.getAttribute(name) ?? "";
    return [
      element.localName,
      element.textContent.replace(/\s+/g, " ").trim(),
      read("href"),
      read("aria-label"),
      read("title"),
      read("name"),
      element.id,
      read("value"),
    ].join("¦");
  }

  function pathOf(element) {
    const path = [];
    for (let at = element; at; at = at.parentNode ?? at.host) path.push(at);
    return path.filter((one) => one.nodeType === 1);
  }

  function targetsOf(body, random, most) {
    const able = [...all(body)].filter(
      (element) => element.matches(CLICKABLE) && seen(element) && !element.disabled,
    );
    const picked = [];
    const rest = [...able];
    while (picked.length < most && rest.length)
      picked.push(rest.splice(Math.floor(random() * rest.length), 1)[0]);
    const counts = new Map();
    for (const element of all(body))
      if (element.matches(CLICKABLE)) counts.set(known(element), (counts.get(known(element)) ?? 0) + 1);
    return { able, picked: picked.map((element) => ({ element, twin: counts.get(known(element)) > 1 })) };
  }

  function median(list) {
    const sorted = [...list].sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? 0;
  }

  return function measure({ seed, most, which, only, kinds }) {
    const asked = (change) => !kinds || kinds.includes(change);
    const original = document.body;
    const random = chance(seed);
    const { able, picked } = targetsOf(original, random, most);
    const rows = [];
    const times = { describe: [], resolve: [], path: [], bytes: [] };
    const root = document.documentElement;

    function fresh(variant) {
      const map = new Map();
      const body = copied(original, map);
      root.replaceChild(body, document.body);
      if (variant === "modern") {
        modern(body, seed + 1, seed % 5);
        frameworkIds(body, 3, seed % 6);
      }
      return { body, find: (element) => map.get(element), map };
    }

    for (const variant of which) {
      const first = fresh(variant);
      const described = picked.map(({ element }) => {
        const start = performance.now();
        const json = JSON.stringify(describe(first.find(element), document));
        times.describe.push(performance.now() - start);
        times.bytes.push(new TextEncoder().encode(json).length);
        return json;
      });

      const ask = (change, at, target, page) => {
        const json = JSON.parse(described[at]);
        const start = performance.now();
        const found = resolve(json, document);
        times.resolve.push(performance.now() - start);
        const gone = target === null;
        const exact = gone ? found.length === 0 : found.length === 1 && found[0] === target;
        const result = exact ? "exact" : found.length ? "wrong" : "none";
        // The same, asked by a click on it; and by clicks on others.
        let clicked = "none";
        if (!gone) {
          const path = pathOf(target);
          const began = performance.now();
          const hit = resolve(json, document, { path });
          times.path.push(performance.now() - began);
          clicked = hit.length ? (hit[0] === target ? "exact" : "wrong") : "none";
        }
        let stray = 0;
        const others = page.others.filter(
          (one) => one !== target && !one.contains(target) && !target?.contains(one),
        );
        for (const other of others) {
          const began = performance.now();
          const hit = resolve(json, document, { path: pathOf(other) });
          times.path.push(performance.now() - began);
          stray += hit.length ? 1 : 0;
        }
        const row = {
          variant,
          change,
          twin: picked[at].twin,
          result,
          clicked: gone ? undefined : clicked,
          stray,
          strays: others.length,
        };
        if (!exact && only) {
          const verdict = judge(json, document);
          const shown = (one) =>
            one && {
              score: +one.score.toFixed(3),
              sure: one.sure,
              other: one.other,
              is: one.element === target,
              name: one.look.name,
              html: one.element.cloneNode(false).outerHTML.slice(0, 160),
              parts: Object.fromEntries(Object.entries(one.parts).map(([k, v]) => [k, +v.toFixed(2)])),
            };
          row.why = {
            because: verdict.because,
            translated: verdict.translated,
            json,
            top: verdict.ranked.slice(0, 3).map(shown),
            right: shown(verdict.ranked.find((one) => one.element === target)),
          };
        }
        rows.push(row);
      };

      const strangers = (page, random) =>
        Array.from({ length: 4 }, () => page.find(random.pick(able))).filter((one) => one?.isConnected);

      for (const [change, apply] of Object.entries(changes)) {
        if (!asked(change)) continue;
        if (change === "ids" && variant === "authored") continue;
        const page = fresh(variant);
        const random = chance(seed + change.length * 977);
        const targets = picked.map(({ element }) => page.find(element));
        apply({
          root: page.body,
          targets,
          random,
          rehash: {
            modern: () => modern(page.body, seed + 77, seed % 5),
            made: () => nextBuild(page.body, seed + 77),
          }[variant],
          ids: {
            modern() {
              for (const element of all(page.body))
                if (/^(:r|radix|ember|headless|mui|input-)/.test(element.id)) element.id = "";
              frameworkIds(page.body, 41, seed % 6);
            },
            made: () => shiftedIds(page.body),
          }[variant],
        });
        page.others = strangers(page, random);
        targets.forEach((target, at) => ask(change, at, target, page));
      }
      const page = fresh(variant);
      const dice = chance(seed + 5);
      page.others = strangers(page, dice);
      for (const [change, apply] of Object.entries(single)) {
        if (!asked(change)) continue;
        picked.forEach(({ element }, at) => {
          const target = page.find(element);
          const { undo, skip, gone } = apply({ target, random: dice });
          if (!skip)
            ask(change, at, gone ? null : target, { others: page.others.filter((one) => one.isConnected) });
          undo();
        });
      }
      // Gone, and what is left has changed too. (After a release a copy of it with other words may stand beside it,
      // which nobody could tell from the element itself with other words.)
      if (asked("gone+deploy")) {
        const after = fresh(variant);
        const lot = chance(seed + 78);
        const targets = picked.map(({ element }) => after.find(element));
        changes.deploy({ root: after.body, targets, random: lot });
        targets.forEach((target, at) => {
          const { undo } = single.removed({ target, random: lot });
          ask("gone+deploy", at, null, { others: [] });
          undo();
        });
      }
    }
    root.replaceChild(original, document.body);
    const summary = {};
    for (const [name, list] of Object.entries(times))
      summary[name] = {
        median: median(list),
        p95: [...list].sort((a, b) => a - b)[Math.floor(list.length * 0.95)] ?? 0,
        max: Math.max(0, ...list),
        all: undefined,
      };
    return {
      targets: picked.length,
      distinct: picked.filter((one) => !one.twin).length,
      nodes: document.getElementsByTagName("*").length,
      rows,
      times: summary,
    };
  };
})();
