import { Button } from "@mantine/core";
import useSWR from "swr";
import { post } from "../../api";
import { useSession } from "../../session/session";
import { Icon } from "../../ui/icons";
import { done, failed } from "../../ui/undo";
import { When } from "../../ui/When";
import { useBench } from "./Steps";

export interface Live {
  key: string;
  kind: "element_click" | "api_call";
  paused: boolean;
  clicked: number;
  fired: number;
  held_back: number;
  last_clicked_at: string | null;
  last_fired_at: string | null;
  last_score: number | null;
  last_page: string | null;
  trouble: "never_clicked" | "drifts" | "silent" | null;
}

export function useLiveTriggers() {
  const { id, live } = useBench();
  return useSWR<{ triggers: Live[] }>(live ? `/procedures/${id}/triggers` : null, { refreshInterval: 10_000 });
}

/** How a live trigger does, and its switch. */
export function Health({ name }: { name: string }) {
  const bench = useBench();
  const session = useSession();
  const { data, mutate } = useLiveTriggers();
  const one = data?.triggers.find((live) => live.key === name);
  if (!bench.live || !one) return null;

  async function turn(act: "pause" | "resume") {
    try {
      const answer = await post<{ taken_back?: number }>(`/procedures/${bench.id}/triggers/${name}/${act}`);
      await mutate();
      if (act === "pause") done(`Paused at once.${answer.taken_back ? ` ${answer.taken_back} unanswered taken back.` : ""}`, () => void turn("resume"));
      else done("It may fire again.");
    } catch (error) {
      failed(error);
    }
  }

  return (
    <div className="health">
      <p className="meta">
        {one.paused ? <span className="rust">Paused. It fires for nobody.</span> : <span className="moss">Live.</span>}{" "}
        {one.kind === "api_call" &&
          (one.last_fired_at === null ? (
            <>It was not called yet.{one.held_back > 0 && ` ${one.held_back} held back.`}</>
          ) : (
            <>
              Last fired <When at={one.last_fired_at} />. {one.fired} fired, {one.held_back} held back.
            </>
          ))}
        {one.kind === "element_click" &&
          (one.clicked === 0 ? (
            "Nobody has clicked it yet."
          ) : (
            <>
              Last clicked <When at={one.last_clicked_at} />, last fired <When at={one.last_fired_at} />. {one.clicked} clicked, {one.fired} fired, {one.held_back} held back.
            </>
          ))}
      </p>
      {one.trouble === "drifts" && (
        <p className="step-problem step-warning">
          <Icon name="warning" size={16} /> The site has changed: it was found with {Math.round((one.last_score ?? 0) * 100)} % certainty only. Browse and select it again.
        </p>
      )}
      {one.trouble === "silent" && (
        <p className="step-problem step-warning">
          <Icon name="warning" size={16} /> Nobody has clicked it for two weeks. See that it is still on the page.
        </p>
      )}
      {session.may("procedures.publish") && (
        <Button size="compact-sm" variant="subtle" leftSection={<Icon name={one.paused ? "play" : "pause"} size={16} />} onClick={() => void turn(one.paused ? "resume" : "pause")}>
          {one.paused ? "Let it fire again" : "Pause this trigger"}
        </Button>
      )}
    </div>
  );
}
