import { Button, Radio, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { certainty, count, inWords } from "../../../../messenger/src/picker/words";
import { post } from "../../api";
import { Icon } from "../../ui/icons";
import { Problem } from "../../ui/states";
import { shown } from "./Pairs";
import { useBench } from "./Steps";
import { get, set, type Tree } from "./tree";
import { usePick, type Picked } from "./usePick";

const MATCHES = [
  { value: "exact", label: "is exactly" },
  { value: "starts_with", label: "starts with" },
  { value: "contains", label: "contains" },
  { value: "glob", label: "fits the pattern" },
];

const HELP: Record<string, string> = {
  exact: "That page alone. What follows a ? or # does not count unless you write it.",
  starts_with: "That page and all whose address begins like it.",
  contains: "Every page with these words anywhere in its address.",
  glob: "* stands for any words: https://shop.example/*/track",
};

/** On which pages, and which element: written, tried, and chosen on the site itself. */
export function ClickWhere({ trigger, path }: { trigger: Tree; path: string }) {
  const bench = useBench();
  const { readOnly } = bench;
  const put = (field: string, value: Parameters<typeof set>[2]) => bench.edit(set(bench.tree, `${path}.${field}`, value), `${path}.${field}`);
  const match = shown(get(trigger, "page.match")) || "starts_with";
  const url = shown(get(trigger, "page.url"));
  const [address, setAddress] = useState("");
  const fit = useFit(match, url, address);
  const [picked, setPicked] = useState<Picked | null>(null);
  const pick = usePick((found) => {
    setPicked(found);
    let tree = set(bench.tree, `${path}.element`, found.element);
    if (!url) tree = set(tree, `${path}.page`, { match: "starts_with", url: found.page.url.split(/[?#]/)[0]! });
    bench.edit(tree);
  });
  const page = /^https?:\/\//i.test(address.trim()) ? address.trim() : (match === "exact" || match === "starts_with") && /^https?:\/\//i.test(url) ? url : "";
  const element = trigger.element as Tree | undefined;

  return (
    <>
      <Select size="sm" label="Page address" readOnly={readOnly} data={MATCHES} value={match} allowDeselect={false} onChange={(chosen) => put("page.match", chosen)} />
      <TextInput size="sm" label="Address" description={HELP[match]} placeholder="https://shop.example/orders" readOnly={readOnly} value={url} onChange={(event) => put("page.url", event.currentTarget.value)} />
      <TextInput size="sm" label="Does this address fit?" placeholder="https://shop.example/orders/12" value={address} onChange={(event) => setAddress(event.currentTarget.value)} />
      {address.trim() !== "" && fit !== null && (
        <p className={fit === "fits" ? "fine moss" : "meta"} role="status">
          <Icon name={fit === "fits" ? "check" : "close"} size={16} /> {fit === "fits" ? "Yes, the trigger watches that page." : fit === "not" ? "No, the trigger does not watch that page." : fit === "no page" ? "That is not the address of a page. It begins with https://" : fit}
        </p>
      )}
      <span className="field-label">Element</span>
      <Chosen element={element} picked={picked} />
      {picked && <Fits page={picked.page.url} match={match} url={url} />}
      {element && <Twins element={element} readOnly={readOnly} change={(any) => put("element", any ? { ...element, any_of: true } : Object.fromEntries(Object.entries(element).filter(([name]) => name !== "any_of")))} />}
      {!readOnly && (
        <>
          <div className="row">
            <Button size="sm" variant={element ? "default" : "filled"} leftSection={<Icon name="click" size={16} />} disabled={!page} loading={pick.beginning} onClick={() => void pick.begin(page, shown(trigger.name), element)}>
              Browse and select
            </Button>
            {!page && <span className="meta">{url ? "Write one page with the element above, to open it." : "Write the page's address first."}</span>}
          </div>
          <Problem error={pick.problem} />
          {pick.session && <Going pick={pick} />}
        </>
      )}
      <details className="advanced">
        <summary>Advanced: by hand</summary>
        <TextInput size="sm" label="CSS selector" description="It breaks when the site's markup changes; what Browse and select stores does not." classNames={{ input: "mono" }} placeholder="#track" readOnly={readOnly} value={shown(element?.css)} onChange={(event) => put("element", event.currentTarget.value ? { css: event.currentTarget.value } : undefined)} />
        <TextInput size="sm" label="Or its data-overture mark" description="An attribute that the site's developers add. It always wins." classNames={{ input: "mono" }} placeholder="track-button" readOnly={readOnly} value={element && !("v" in element) ? shown(element.overture) : ""} onChange={(event) => put("element", event.currentTarget.value ? { overture: event.currentTarget.value } : undefined)} />
      </details>
    </>
  );
}

/** Whether a page with this address is watched: asked of the server, which decides it for real clicks too. */
function useFit(match: string, url: string, address: string): "fits" | "not" | "no page" | string | null {
  const [asked] = useDebouncedValue(address.trim(), 300);
  const [fit, setFit] = useState<string | null>(null);
  useEffect(() => {
    let stale = false;
    setFit(null);
    if (!asked || !url.trim()) return;
    post<{ is_page: boolean; fits: boolean }>("/triggers/fits", { page: { match, url }, address: asked }).then(
      (answer) => stale || setFit(!answer.is_page ? "no page" : answer.fits ? "fits" : "not"),
      (error: Error) => stale || setFit(error.message),
    );
    return () => {
      stale = true;
    };
  }, [match, url, asked]);
  return fit;
}

/** What was picked is on a page that the trigger does not watch. */
function Fits({ page, match, url }: { page: string; match: string; url: string }) {
  const fit = useFit(match, url, page);
  if (fit !== "not") return null;
  return (
    <p className="step-problem step-warning">
      <Icon name="warning" size={16} /> You picked it on {page}, a page that this trigger does not watch. Change the address above.
    </p>
  );
}

function Chosen({ element, picked }: { element: Tree | undefined; picked: Picked | null }) {
  if (!element) return <p className="meta">None yet. Open your site and click the button or link that should start this.</p>;
  const mine = picked && JSON.stringify({ ...picked.element, any_of: null }) === JSON.stringify({ ...element, any_of: null }) ? picked : null;
  return (
    <div className="picked">
      <p className="strong">{mine?.name ?? wordsOf(element)}</p>
      {mine && (
        <>
          <p>
            {count(mine.matches ?? 0)} {mine.confidence !== null && <span className={mine.confidence >= 0.85 ? "moss" : mine.confidence < 0.6 ? "rust" : "quiet"}>{`${certainty(mine.confidence)}: ${Math.round(mine.confidence * 100)} %`}</span>}
          </p>
          <ul className="meta">
            {mine.reasons.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function wordsOf(element: Tree): string {
  if (typeof element.css === "string") return `What the selector ${element.css} finds`;
  if (!("v" in element)) return `What is marked data-overture="${shown(element.overture ?? element.name)}"`;
  return inWords(element as unknown as Parameters<typeof inWords>[0]);
}

function Twins({ element, readOnly, change }: { element: Tree; readOnly: boolean; change: (any: boolean) => void }) {
  const twin = element.twin as [number, number] | undefined;
  if (!Array.isArray(twin)) return null;
  const [place, of] = twin;
  return (
    <Radio.Group label={`${of} elements look exactly like this`} value={element.any_of ? "any" : "one"} onChange={(chosen) => change(chosen === "any")} readOnly={readOnly}>
      <div className="twins">
        <Radio size="sm" value="one" label={`This one (${place + 1} of ${of})`} />
        <Radio size="sm" value="any" label={`Any of the ${of}`} />
      </div>
    </Radio.Group>
  );
}

/** The picker is open somewhere, or should be: what is known of it. */
function Going({ pick }: { pick: ReturnType<typeof usePick> }) {
  const { session, lines } = pick;
  if (!session || session.state === "done") return null;
  const words: Record<string, string> = {
    waiting: "Waiting for the messenger on the page…",
    opened: "The page is open. Click the element there.",
    cancelled: "The picker was closed there. Nothing was changed.",
    expired: "Ten minutes are over, so the link is too. Begin again.",
  };
  return (
    <div className="going" role="status">
      <p className="meta">{words[session.state]}</p>
      {session.state === "waiting" && lines && (
        <ul className="diagnosis">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {(session.state === "waiting" || session.state === "opened") && (
        <div className="row">
          {session.state === "waiting" && session.link && (
            <a href={session.link} target="_blank" rel="noreferrer">
              Open the page
            </a>
          )}
          <Button size="compact-sm" variant="subtle" onClick={pick.stop}>
            Stop waiting
          </Button>
        </div>
      )}
    </div>
  );
}
