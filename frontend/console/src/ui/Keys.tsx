import { Modal } from "@mantine/core";

/** What each key does. */
export function Keys({ title, keys, opened, close }: { title: string; keys: string[][]; opened: boolean; close: () => void }) {
  return (
    <Modal opened={opened} onClose={close} title={title}>
      <table className="keys">
        <tbody>
          {keys.map(([key, does]) => (
            <tr key={key}>
              <th scope="row">
                <kbd>{key}</kbd>
              </th>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
