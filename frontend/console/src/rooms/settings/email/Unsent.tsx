import { Badge, Button } from "@mantine/core";
import { Link } from "wouter";
import { post } from "../../../api";
import { Section } from "../../../ui/Page";
import { Empty } from "../../../ui/states";
import { done, failed } from "../../../ui/undo";
import { When } from "../../../ui/When";
import { useRead } from "../../../ui/useRead";

interface Mail {
  id: string;
  conversation_id: string;
  to: string;
  subject: string;
  state: "dead" | "unsure";
  attempts: number;
  error: string | null;
  created_at: string;
}

interface Address {
  address: string;
  reason: string;
  detail: string;
  since: string;
}

const BECAUSE: Record<string, string> = { bounce: "a mail came back", refused: "its server refused it", complaint: "they complained" };

/** Mails that did not leave, and addresses that nothing is sent to. */
export function Unsent({ may, changed }: { may: boolean; changed: () => void }) {
  const { data, mutate, instead } = useRead<{ mails: Mail[]; addresses: Address[]; counts: Record<string, number> }>("/email/unsent", "mails that did not leave", { refreshInterval: 5000 });
  if (!data) return instead;
  const waiting = ["waiting", "claimed", "handing"].reduce((sum, state) => sum + (data.counts[state] ?? 0), 0);
  const again = () => {
    void mutate();
    changed();
  };
  return (
    <>
      <Section
        title="Mails that did not leave"
        lead={`${waiting} on their way, ${data.counts.sent ?? 0} sent. A mail that is refused for now is tried again for two days.`}
        actions={
          may &&
          data.mails.some((one) => one.state === "dead") && (
            <Button
              variant="default"
              onClick={() =>
                post<{ mails: Mail[] }>("/email/unsent/retry").then(({ mails }) => {
                  done(`${mails.length} on their way again.`);
                  again();
                }, failed)
              }
            >
              Send all again
            </Button>
          )
        }
      >
        {data.mails.length === 0 ? (
          <Empty icon="send" title="Every mail left">
            One that a server refuses for good stands here with its words, as “550 5.1.1 There is no mailbox of that name”, and can be sent again.
          </Empty>
        ) : (
          <ul className="rows" aria-label="Mails that did not leave">
            {data.mails.map((one) => (
              <li key={one.id}>
                <div className="spread">
                  <div>
                    <div className="row">
                      <Badge variant="light" className={one.state === "dead" ? "badge-bad" : "badge-plain"}>
                        {one.state === "dead" ? "did not leave" : "may have arrived"}
                      </Badge>
                      <span className="strong">{one.to}</span>
                    </div>
                    <p className="meta">
                      {one.subject}, <When at={one.created_at} />, <Link href={`~/console/inbox/${one.conversation_id}`}>the conversation</Link>
                    </p>
                    {one.error && <p className="meta rust">{one.error}</p>}
                  </div>
                  {may && (
                    <Button
                      size="compact-sm"
                      variant="default"
                      aria-label={`Send the mail to ${one.to} again`}
                      onClick={() =>
                        post(`/email/unsent/${one.id}/retry`).then(() => {
                          done(one.state === "dead" ? "On its way again." : "On its way again. If it had arrived, it arrives twice.");
                          again();
                        }, failed)
                      }
                    >
                      Send again
                    </Button>
                  )}
                </div>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title="Addresses that nothing is sent to" lead="Triggers are held back for them, with this reason on the receipt.">
        {data.addresses.length === 0 ? (
          <p className="quiet">There are none. An address comes here once a mail to it comes back or is refused for good.</p>
        ) : (
          <ul className="rows" aria-label="Addresses that nothing is sent to">
            {data.addresses.map((one) => (
              <li key={one.address}>
                <div className="spread">
                  <div>
                    <span className="strong">{one.address}</span>
                    <p className="meta">
                      Since <When at={one.since} />: {BECAUSE[one.reason] ?? one.reason}.
                    </p>
                    <p className="meta rust">{one.detail}</p>
                  </div>
                  {may && (
                    <Button
                      size="compact-sm"
                      variant="default"
                      aria-label={`Let mails go to ${one.address} again`}
                      onClick={() =>
                        post("/email/allow", { address: one.address }).then(() => {
                          done(`Mails go to ${one.address} again.`);
                          again();
                        }, failed)
                      }
                    >
                      Let mails go there again
                    </Button>
                  )}
                </div>
              </li>
            ))}
          </ul>
        )}
      </Section>
    </>
  );
}
