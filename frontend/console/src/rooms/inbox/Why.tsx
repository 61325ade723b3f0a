import { Button, Drawer, Select } from "@mantine/core";
import { useState } from "react";
import useSWR from "swr";
import { post } from "../../api";
import { Failure, Loading } from "../../ui/states";
import { done, failed } from "../../ui/undo";

interface Correction {
  should_have_been: string;
  target: { name: string } | null;
}

interface Receipt {
  receipt: { id: string; kind: string; decision: string; confidence: number | null };
  words: string[];
  correction: Correction | null;
  procedures: { key: string; name: string }[];
  articles: { id: string; title: string }[];
}

/** What somebody said that it should have been, in words. */
function meant({ should_have_been: what, target }: Correction): string {
  if (target) return `the ${what} “${target.name}”`;
  return what === "person" ? "a person" : what === "triggered" ? "the procedure that had been triggered" : what;
}

/** The stored explanation of a decision, and the way to say what it should have been. */
export function Why({ id, close, may }: { id: string; close: () => void; may: boolean }) {
  const { data, error, mutate } = useSWR<Receipt>(`/receipts/${id}`);
  const [chosen, setChosen] = useState<string | null>(null);

  async function correct() {
    if (!chosen) return;
    const [should_be, target] = chosen.split(":", 2);
    try {
      await post(`/receipts/${id}/correction`, { should_be, target: target ?? "" });
      await mutate();
      setChosen(null);
      done("Kept. The router learns from it when somebody runs a refit.", () => void post(`/receipts/${id}/correction`, { should_be: "" }).then(() => mutate()));
    } catch (problem) {
      failed(problem);
    }
  }

  return (
    <Drawer opened onClose={close} position="right" title="Why?">
      {error && <Failure error={error} />}
      {!data && !error && <Loading what="the receipt" />}
      {data && (
        <div className="stack">
          <ul className="why">
            {data.words.map((line, at) => (
              <li key={at} className={line.startsWith("  ") ? "why-inside" : undefined}>
                {line.trim()}
              </li>
            ))}
          </ul>
          {data.correction && <p className="banner">Corrected: it should have been {meant(data.correction)}.</p>}
          {may && data.receipt.kind === "decision" && (
            <>
              <Select
                label="It should have been …"
                searchable
                data={[
                  { group: "Always", items: [{ value: "person", label: "a person" }, { value: "triggered", label: "the procedure that had been triggered" }] },
                  { group: "Procedures", items: data.procedures.map((one) => ({ value: `procedure:${one.key}`, label: one.name })) },
                  { group: "Articles", items: data.articles.map((one) => ({ value: `article:${one.id}`, label: one.title })) },
                ]}
                value={chosen}
                onChange={setChosen}
              />
              <div>
                <Button disabled={!chosen} onClick={() => void correct()}>
                  Keep the correction
                </Button>
              </div>
            </>
          )}
        </div>
      )}
    </Drawer>
  );
}
