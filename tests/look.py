"""Whether what is drawn looks as it did: pictures beside kept ones, and whether anything lies over anything.

A kept picture is an eighth of the size, and both are compared in squares of 32 px, so that another machine's fonts make no
difference, and a blank or wrongly coloured panel does. Keep new ones, after looking at them, with

    OVERTURE_KEEP_PICTURES=1 python -m pytest tests/stories/test_messenger_look.py

`OVERTURE_PICTURES=<folder>` puts every picture there in its full size.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

KEPT = Path(__file__).with_name("pictures")
PICTURES = os.environ.get("OVERTURE_PICTURES")  # a folder to look at
KEEP = bool(os.environ.get("OVERTURE_KEEP_PICTURES"))
MESSENGER = "overture-messenger"
# How far apart two colours may be (100 is black from white), and on what part of the picture they may be further.
NEAR = 5.0
REST = 0.03

SMALLER = """async ([taken, kept]) => {
  const pixels = async (png) => {
    const blob = await (await fetch("data:image/png;base64," + png)).blob();
    const image = await createImageBitmap(blob);
    const { width, height } = image;
    const canvas = new OffscreenCanvas(width, height);
    const brush = canvas.getContext("2d");
    brush.drawImage(image, 0, 0);
    return { width, height, data: brush.getImageData(0, 0, width, height).data };
  };
  const squares = ({ width, height, data }, side) => {
    const wide = Math.ceil(width / side), high = Math.ceil(height / side);
    const sums = new Float64Array(wide * high * 4);
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 4, to = ((y / side | 0) * wide + (x / side | 0)) * 4;
      for (let part = 0; part < 3; part++) sums[to + part] += data[from + part];
      sums[to + 3] += 1;
    }
    const mean = new Uint8ClampedArray(sums.map((sum, at) => at % 4 === 3 ? 255 : sum / sums[at - at % 4 + 3]));
    return { width: wide, height: high, data: mean };
  };
  // Distances between colours as people see them.
  const seen = (r, g, b) => {
    const [R, G, B] = [r, g, b].map((one) => (one / 255 <= 0.04 ? one / 3294.6 : ((one / 255 + 0.055) / 1.055) ** 2.4));
    const l = Math.cbrt(0.4122 * R + 0.5363 * G + 0.0514 * B);
    const m = Math.cbrt(0.2119 * R + 0.6807 * G + 0.1074 * B);
    const s = Math.cbrt(0.0883 * R + 0.2817 * G + 0.6300 * B);
    return [0.2105 * l + 0.7936 * m - 0.0041 * s, 1.978 * l - 2.4286 * m + 0.4506 * s, 0.0259 * l + 0.7828 * m - 0.8087 * s];
  };
  const eighth = squares(await pixels(taken), 8);
  const canvas = new OffscreenCanvas(eighth.width, eighth.height);
  canvas.getContext("2d").putImageData(new ImageData(eighth.data, eighth.width, eighth.height), 0, 0);
  const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
  const small = btoa(String.fromCharCode(...bytes));
  if (!kept) return { small, far: [] };
  const other = await pixels(kept);
  if (other.width !== eighth.width || other.height !== eighth.height) return { small, far: null };
  const [one, two] = [squares(eighth, 4), squares(other, 4)];
  const far = [];
  for (let at = 0; at < one.data.length; at += 4) {
    const [a, b] = [one, two].map(({ data }) => seen(data[at], data[at + 1], data[at + 2]));
    far.push(100 * Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]));
  }
  return { small, far };
}"""

# What can be used must be on top where it is, and no words may lie on other words.
OVERLAPS = """(selector) => {
  const root = document.querySelector(selector).shadowRoot;
  const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".unseen");
  const clipped = (one, box) => {
    let { left, top, right, bottom } = box;
    for (let around = one; around; around = around.parentElement) {
      const style = getComputedStyle(around);
      if (around !== one && style.overflow === "visible" && style.overflowY === "visible") continue;
      const its = around.getBoundingClientRect();
      left = Math.max(left, its.left); top = Math.max(top, its.top);
      right = Math.min(right, its.right); bottom = Math.min(bottom, its.bottom);
    }
    return right - left > 3 && bottom - top > 3 ? { left, top, right, bottom } : null;
  };
  const said = (one) => (one.getAttribute("aria-label") || one.textContent || one.localName).trim().slice(0, 40);
  const faults = [];
  for (const one of root.querySelectorAll("button,a,input:not([type=radio],[type=file]),textarea,summary")) {
    const box = shown(one) && clipped(one, one.getBoundingClientRect());
    if (!box) continue;
    if (box.left < 0 || box.right > innerWidth + 1) faults.push(`“${said(one)}” reaches out of the screen`);
    const top = root.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    if (top && !one.contains(top) && !top.contains(one)) faults.push(`“${said(one)}” lies under “${said(top)}”`);
  }
  const words = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const parent = text.parentElement;
    if (!text.data.trim() || !parent || parent.closest("style") || !shown(parent)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const line of range.getClientRects()) {
      const box = clipped(parent, line);
      if (box) words.push({ text: text.data.trim().slice(0, 40), parent, box });
    }
  }
  for (const [at, { box, text, parent }] of words.entries())
    for (const other of words.slice(at + 1)) {
      if (other.parent === parent) continue;
      const wide = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
      const high = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
      if (wide > 3 && high > 8) faults.push(`“${text}” and “${other.text}” lie on each other`);
    }
  return faults;
}"""


def picture(page: Any, *, close: bool) -> bytes:
    """What is on the screen; `close`: where the messenger stands on it."""
    size = page.viewport_size
    left = max(0, size["width"] - 480) if close and size["height"] > 600 else 0
    clip = {"x": left, "y": 0, "width": size["width"] - left, "height": size["height"]}
    return bytes(page.screenshot(animations="disabled", clip=clip))


class Looks:
    """Takes pictures, and says how far each is from the one that is kept."""

    def __init__(self, browser: Any) -> None:
        # A page of its own, under nobody's policy.
        self.bench = browser.new_page()

    def close(self) -> None:
        self.bench.close()

    def like(self, taken: bytes, name: str) -> tuple[float, float]:
        """The part of the picture that is far from the kept one, and the mean distance."""
        file = KEPT / f"{name}.png"
        kept = base64.b64encode(file.read_bytes()).decode() if file.is_file() else None
        found = self.bench.evaluate(SMALLER, [base64.b64encode(taken).decode(), kept])
        if KEEP:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(base64.b64decode(found["small"]))
            return 0.0, 0.0
        assert kept is not None, f"No picture is kept for {name}. {__doc__}"
        far = found["far"]
        assert far is not None, f"The kept picture of {name} is of another size."
        return sum(one > NEAR for one in far) / len(far), sum(far) / len(far)

    def check(self, page: Any, name: str, root: str, fails: Path, *, mouse: bool = True) -> None:
        """One state, in light and dark: nothing on top of anything, and as it was."""
        if mouse:
            page.mouse.move(0, 0)  # away, so that nothing is pointed at
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.wait_for_timeout(60)  # for a frame to be drawn in the new colours
            taken = picture(page, close=root == MESSENGER)
            if PICTURES:
                Path(PICTURES, f"{name}-{scheme}.png").write_bytes(taken)
            assert [] == page.evaluate(OVERLAPS, root), (name, scheme)
            part, mean = self.like(taken, f"{name}-{scheme}")
            if part > REST:
                (fails / f"{name}-{scheme}.png").write_bytes(taken)
            assert part <= REST, (
                f"{name}-{scheme} differs on {part:.1%} of it (mean {mean:.1f}); {fails / name}-{scheme}.png. "
                f"If it should look like that: {__doc__}"
            )
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
