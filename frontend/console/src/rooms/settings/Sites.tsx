import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { post, type Refused } from "../../api";
import { Section } from "../../ui/Page";
import { Problem } from "../../ui/states";
import { Table } from "../../ui/Table";
import { done, failed } from "../../ui/undo";
import { useRead } from "../../ui/useRead";

interface Answer {
  sites: string[];
}

/** Where the messenger may be. */
export function Sites({ may }: { may: boolean }) {
  const { data, mutate, instead } = useRead<Answer>("/sites", "sites");
  const [url, setUrl] = useState("");
  const [problem, setProblem] = useState<Refused | null>(null);
  if (!data) return instead;

  const put = async (site: string) => void mutate(await post<Answer>("/sites", { url: site }), false);

  async function add(event: React.FormEvent) {
    event.preventDefault();
    try {
      await put(url);
      setUrl("");
      setProblem(null);
      done("The messenger may be on it, and on no site that is not listed.");
    } catch (refused) {
      setProblem(refused as Refused);
    }
  }

  async function remove(site: string) {
    try {
      const left = await post<Answer>("/sites/remove", { url: site });
      void mutate(left, false);
      done(left.sites.length ? `The messenger may not be on ${site} any more.` : `${site} was the last one. The messenger may be on any site now.`, () => void put(site).catch(failed));
    } catch (refused) {
      failed(refused);
    }
  }

  return (
    <Section title="Sites" lead={data.sites.length ? "The messenger may be on these, and on no other." : "None is listed, so the messenger may be on any site. List yours before you go live."}>
      {data.sites.length > 0 && (
        <Table
          label="Sites"
          rows={data.sites}
          id={(row) => row}
          columns={[
            { title: "Site", cell: (row) => <span className="mono">{row}</span> },
            ...(may
              ? [
                  {
                    title: "Manage",
                    number: true,
                    cell: (row: string) => (
                      <Button size="compact-sm" variant="subtle" color="red" aria-label={`Remove ${row}`} onClick={() => void remove(row)}>
                        Remove
                      </Button>
                    ),
                  },
                ]
              : []),
          ]}
        />
      )}
      {may && (
        <form className="filters" onSubmit={add}>
          <TextInput className="grow" label="A site" placeholder="https://shop.example" inputMode="url" value={url} error={problem?.field === "origin" ? problem.message : undefined} onChange={(event) => setUrl(event.currentTarget.value)} />
          <Button type="submit" variant="default" disabled={!url.trim()}>
            List it
          </Button>
        </form>
      )}
      {problem?.field !== "origin" && <Problem error={problem} />}
    </Section>
  );
}
