import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { NewName } from "../src/rooms/procedures/NewName";

afterEach(cleanup);

test("a name that is there already is refused, so that what stands under it stays", async () => {
  const add = vi.fn();
  render(
    <MantineProvider env="test">
      <NewName label="A new sub-procedure" example="verify_identity" taken={["verify_identity"]} written={(typed) => typed.toLowerCase().replace(/ /g, "_")} add={add} />
    </MantineProvider>,
  );
  const field = screen.getByLabelText("A new sub-procedure");
  await userEvent.type(field, "Verify identity{Enter}");
  expect(screen.getByText("“verify_identity” is there already.")).toBeTruthy();
  expect(add).not.toHaveBeenCalled();

  await userEvent.type(field, " again{Enter}");
  expect(add.mock.calls).toEqual([["verify_identity_again"]]);
  expect((field as HTMLInputElement).value).toBe("");
});
