import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { patch, post, query } from "../../api";
import { useSession } from "../../session/session";
import { Snippet } from "../../ui/Copy";
import { Icon } from "../../ui/icons";
import { Page, Section } from "../../ui/Page";
import { done, failed } from "../../ui/undo";
import { When } from "../../ui/When";
import { useRead } from "../../ui/useRead";
import "./home.css";

interface Seen {
  at: string;
  page: string;
}

interface Facts {
  app_id: string;
  base_url: string;
  page_view: Seen | null;
  test_page: Seen | null;
  sample: { id: string; name: string; state: string; on_test_page: boolean } | null;
  model: string | null;
  over: boolean;
  stands: {
    days: number;
    period: { from: string; to: string };
    waiting: number;
    live: number;
    fired: number;
    replied: number;
    held_back: number;
    resolution: { resolution_rate: number | null; engaged: number; pending: number; resolved: number };
  };
}

const ASK_AGAIN = 3000; // while a first page view is waited for

export default function Home() {
  const { data, mutate, instead } = useRead<Facts>("/home", "the start", { refreshInterval: (facts) => (facts && !facts.over && !(facts.page_view && facts.test_page) ? ASK_AGAIN : 60_000) });
  const session = useSession();
  if (!data) return instead;
  const put = (over: boolean) => patch("/settings", { first_steps_over: over }).then(() => mutate());
  return data.over ? (
    <Page
      title="Home"
      lead={`How it stands at ${session.workspace.name}.`}
      actions={
        session.may("settings.write") && (
          <Button variant="default" onClick={() => put(false).catch(failed)}>
            Show the first steps
          </Button>
        )
      }
    >
      <Stands facts={data} />
    </Page>
  ) : (
    <Page
      title="First steps"
      lead="From an empty workspace to an agent that makes the first move."
      actions={
        session.may("settings.write") && (
          <Button variant="default" onClick={() => put(true).then(() => done("Put away.", () => void put(false).catch(failed)), failed)}>
            Put these away
          </Button>
        )
      }
    >
      <Steps facts={data} changed={() => void mutate()} />
    </Page>
  );
}

function Steps({ facts, changed }: { facts: Facts; changed: () => void }) {
  const session = useSession();
  const base = facts.base_url.includes("127.0.0.1") ? location.origin : facts.base_url;
  return (
    <ol className="first-steps">
      <Step
        title="Put the messenger on your website"
        done={facts.page_view !== null}
        told={
          facts.page_view ? (
            <>
              First page view seen <When at={facts.page_view.at} />: <span className="home-page">{facts.page_view.page}</span>
            </>
          ) : (
            "Waiting for the first page view. This ticks itself off."
          )
        }
      >
        <p>Paste this before the end of the body of every page. Any site may show it until you <Link href="~/console/settings/messenger">list yours</Link>.</p>
        <Snippet what="the messenger's snippet" text={`<script>\n  window.overtureSettings = { app_id: "${facts.app_id}" };\n</script>\n<script async src="${base}/messenger.js"></script>`} />
      </Step>
      <Step
        title="Or try it on a page of your own"
        done={facts.test_page !== null}
        told={
          facts.test_page ? (
            <>
              You were there <When at={facts.test_page.at} />.
            </>
          ) : (
            "No website needed."
          )
        }
      >
        <p>
          A page with the messenger on it, for teammates alone. You are a visitor there.{" "}
          <a href="/console/test-page" target="_blank" rel="noopener">
            Open the test page<span className="visually-hidden"> in a new tab</span>
          </a>
        </p>
      </Step>
      <Step title="Have a procedure" done={facts.sample !== null} told={facts.sample ? undefined : "A sample can be run at once."}>
        {facts.sample ? (
          <p>
            <Link href={`~/console/procedures/${facts.sample.id}`}>{facts.sample.name}</Link> is there, {facts.sample.state}.
            {facts.sample.on_test_page && " Click “Track order” on the test page, and the agent speaks first."}
            {session.may("procedures.draft") && (
              <>
                {" "}
                <Link href={`~/console/procedures/${facts.sample.id}?preview`}>Run it in preview</Link>
              </>
            )}
          </p>
        ) : (
          <div className="row">
            {session.may("procedures.draft") && (
              <Button onClick={() => post("/sample-procedure").then(changed, failed)} leftSection={<Icon name="plus" size={16} />}>
                Add the sample
              </Button>
            )}
            <Link href="~/console/procedures">or write your own</Link>
          </div>
        )}
      </Step>
      <Step title="A language model, if you like" done={facts.model !== null} optional told={facts.model ? `${facts.model} is set.` : "None is set, and none is needed: Overture understands messages with its own."}>
        <p>
          <Link href="~/console/settings/model">What one is for, and how to set it</Link>
        </p>
      </Step>
    </ol>
  );
}

function Step({ title, done: isDone, told, optional = false, children }: { title: string; done: boolean; told?: ReactNode; optional?: boolean; children: ReactNode }) {
  return (
    <li className="card first-step">
      <span className={isDone ? "tick tick-done" : "tick"} role="img" aria-label={isDone ? "Done" : optional ? "Optional" : "Not done yet"}>
        {isDone && <Icon name="check" size={16} />}
      </span>
      <div className="stack first-step-inside">
        <div>
          <h2>{title}</h2>
          {told && (
            <p className="meta" role="status">
              {told}
            </p>
          )}
        </div>
        {children}
      </div>
    </li>
  );
}

function Stands({ facts }: { facts: Facts }) {
  const { stands } = facts;
  const rate = stands.resolution.resolution_rate;
  const { from, to } = stands.period;
  const behind = (wanted: Record<string, string>) => `~/console/reports/conversations${query({ from, to, ...wanted })}`;
  return (
    <>
      <Section title="Now">
        <dl className="figures">
          <Figure name="wait for a person" value={stands.waiting} />
          <Figure name={stands.live === 1 ? "procedure is live" : "procedures are live"} value={stands.live} />
        </dl>
        <p className="row">
          <Link href="~/console/inbox">Inbox</Link>
          <Link href="~/console/procedures">Procedures</Link>
        </p>
      </Section>
      <Section title={`The last ${stands.days} days`}>
        <p className="proactive">
          <Icon name="trigger" size={16} />
          <span>
            {stands.fired === 0 ? (
              "No trigger fired."
            ) : (
              <>
                <Link href={behind({ fired: "true" })}>{stands.fired === 1 ? "Triggers fired once" : `Triggers fired ${stands.fired} times`}</Link>; {stands.replied > 0 ? <Link href={behind({ replied: "true" })}>{stands.replied} replied</Link> : "0 replied"}.
              </>
            )}
            {stands.held_back > 0 && (
              <>
                {" "}
                <Link href={`~/console/reports/not-fired${query({ from, to })}`}>{stands.held_back === 1 ? "1 was held back" : `${stands.held_back} were held back`}</Link>.
              </>
            )}
          </span>
        </p>
        <dl className="figures">
          <Figure name="resolved, of those that ended with the contact engaged" value={rate === null ? "–" : `${Math.round(rate * 100)} %`} to={stands.resolution.resolved > 0 ? behind({ outcome: "resolved" }) : undefined} />
          <Figure name="pending, counted apart" value={stands.resolution.pending} to={stands.resolution.pending > 0 ? behind({ outcome: "pending" }) : undefined} />
        </dl>
        <p>
          <Link href="~/console/reports">Reports</Link>
        </p>
      </Section>
    </>
  );
}

function Figure({ name, value, to }: { name: string; value: number | string; to?: string }) {
  return (
    <div>
      <dt className="meta">{name}</dt>
      <dd className="numbers">
        {to ? (
          <Link href={to} aria-label={`${value} ${name}`}>
            {value}
          </Link>
        ) : (
          value
        )}
      </dd>
    </div>
  );
}
