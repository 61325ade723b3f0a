"""How long a key takes to show in a long procedure: `python benchmarks/console_typing.py [STEPS]`, in a real Chromium."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browser import a_browser
from console_browser import a_workspace, at_console

# From the key to the first frame after it: what a person waits for.
WATCH = """
() => {
  window.took = [];
  addEventListener('keydown', (event) => {
    const began = event.timeStamp;
    requestAnimationFrame(() => { const channel = new MessageChannel();
      channel.port1.onmessage = () => took.push(performance.now() - began); channel.port2.postMessage(0); });
  }, true);
}
"""


def a_long_one(steps: int) -> str:
    lines = ["procedure: long", "name: Long", "when_to_use: It is long.", "steps:"]
    for at in range(steps):
        lines += (
            [f"  - say: 'This is sentence number {at}, for {{{{ contact.first_name | default: \"you\" }}}}.'"]
            if at % 2
            else [f"  - ask: What about {at}?", f"    save: v{at}"]
        )
    return "\n".join(lines) + "\n"


def main(steps: int) -> None:
    folder = Path(tempfile.mkdtemp())
    with a_workspace(folder) as served, a_browser() as chromium, at_console(chromium, served) as olga:
        olga.becomes_owner()
        (folder / "long.yaml").write_text(a_long_one(steps))
        served.overture("procedure", "push", str(folder / "long.yaml"))
        olga.goes("/console/procedures").page.get_by_role("link", name="Long").first.wait_for()
        began = time.perf_counter()
        olga.page.get_by_role("link", name="Long").first.click()
        olga.page.get_by_role("textbox", name="The question, step 1", exact=True).wait_for()
        opened = time.perf_counter() - began
        middle = steps // 2
        olga.page.get_by_role("group", name=f"Step {middle}: Say", exact=True).focus()
        olga.page.get_by_role("textbox", name=f"What the agent says, step {middle}", exact=True).click()
        olga.page.evaluate(WATCH)
        olga.page.keyboard.type("Typing here is quick, however long the document is.", delay=60)
        first = olga.page.get_by_label("When to use")
        in_text = sorted(olga.page.evaluate("took.splice(0)"))
        first.click()
        olga.page.keyboard.type("And so it is in the fields above the steps, yes.", delay=60)
        in_field = sorted(olga.page.evaluate("took.splice(0)"))
        print(
            json.dumps(
                {
                    "steps": steps,
                    "open_ms": round(opened * 1000),
                    **{
                        f"{name}_{of}_ms": round(value, 1)
                        for name, took in (("step", in_text), ("field", in_field))
                        for of, value in (("p50", median(took)), ("p95", took[int(len(took) * 0.95)]))
                    },
                }
            )
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
