import { Button, Modal } from "@mantine/core";
import { useState } from "react";
import { Snippet } from "../../ui/Copy";

/** A secret that is held only as long as it is looked at. */
export function useOnce(): [string | null, (secret: string) => void, () => void] {
  const [secret, setSecret] = useState<string | null>(null);
  return [secret, setSecret, () => setSecret(null)];
}

export function ShownOnce({ title, what, secret, close }: { title: string; what: string; secret: string | null; close: () => void }) {
  return (
    <Modal opened={secret !== null} onClose={close} title={title} closeOnClickOutside={false}>
      <div className="stack">
        <p>It is shown this once. Keep it on your server; it never belongs into a page.</p>
        <Snippet what={what} text={secret ?? ""} />
        <Button onClick={close}>I have kept it</Button>
      </div>
    </Modal>
  );
}
