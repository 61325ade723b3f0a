import { Popover, TextInput } from "@mantine/core";
import { mergeAttributes, Node } from "@tiptap/core";
import { Document } from "@tiptap/extension-document";
import { Paragraph } from "@tiptap/extension-paragraph";
import { Text } from "@tiptap/extension-text";
import { Placeholder } from "@tiptap/extensions";
import { EditorContent, NodeViewWrapper, ReactNodeViewRenderer, useEditor, type NodeViewProps } from "@tiptap/react";
import { Suggestion, type SuggestionProps } from "@tiptap/suggestion";
import { createContext, useContext, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Name } from "./tree";
import * as words from "./words";
import type { WordsProps } from "./Words";

const Known = createContext<Name[]>([]);

/** One value in a text. It says what it stands for, and what is said where there is none. */
function Chip({ node, updateAttributes, deleteNode, editor }: NodeViewProps) {
  const known = useContext(Known);
  const [open, setOpen] = useState(false);
  const chip = words.read(String(node.attrs.says));
  const found = known.find((one) => one.path === chip.name || chip.name.startsWith(`${one.path}.`));
  const label = found ? chip.name : `${chip.name}: nothing has this name here`;
  return (
    <NodeViewWrapper as="span" className="chip-box">
      <Popover opened={open} onChange={setOpen} width={280} position="bottom-start" trapFocus returnFocus>
        <Popover.Target>
          <button
            type="button"
            contentEditable={false}
            className={found ? "chip" : "chip chip-lost"}
            aria-label={label}
            disabled={!editor.isEditable}
            onClick={() => setOpen(true)}
          >
            {chip.name}
            {chip.instead !== null && <span className="chip-instead"> or “{chip.instead}”</span>}
          </button>
        </Popover.Target>
        <Popover.Dropdown>
          <div className="stack" contentEditable={false}>
            <p className="meta">{found ? found.from : "Nothing has this name here. Choose another one with @."}</p>
            <TextInput
              label="Say this where there is none"
              value={chip.instead ?? ""}
              placeholder="Nothing: then the message needs it"
              onChange={(event) => updateAttributes({ says: words.write({ ...chip, instead: event.currentTarget.value || null }) })}
              onKeyDown={(event) => event.key === "Enter" && setOpen(false)}
            />
            <button type="button" className="link-button" onClick={() => deleteNode()}>
              Take it out
            </button>
          </div>
        </Popover.Dropdown>
      </Popover>
    </NodeViewWrapper>
  );
}

const ChipNode = Node.create({
  name: "chip",
  group: "inline",
  inline: true,
  atom: true,
  addAttributes: () => ({ says: { default: "" } }),
  parseHTML: () => [{ tag: "span[data-chip]", getAttrs: (element) => ({ says: element.getAttribute("data-chip") }) }],
  renderHTML: ({ HTMLAttributes, node }) => ["span", mergeAttributes(HTMLAttributes, { "data-chip": node.attrs.says }), `{{ ${node.attrs.says} }}`],
  renderText: ({ node }) => `{{ ${node.attrs.says} }}`,
  addNodeView: () => ReactNodeViewRenderer(Chip),
});

interface Asked {
  props: SuggestionProps<Name>;
  rect: DOMRect | null;
}

export default function WordsField({ label, value, onChange, names, placeholder, error, autoFocus, readOnly, onSlash }: WordsProps) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [chosen, setChosen] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef({ names, onChange, onSlash, asked, chosen });
  latest.current = { names, onChange, onSlash, asked, chosen };
  const own = useRef(value);
  const listId = useMemo(() => `names-${Math.random().toString(36).slice(2)}`, []);

  const extensions = useMemo(
    () => [
      Document,
      Paragraph,
      Text,
      Placeholder.configure({ placeholder: placeholder ?? "Type @ for a value" }),
      ChipNode.extend({
        addProseMirrorPlugins() {
          return [
            Suggestion<Name>({
              editor: this.editor,
              char: "@",
              items: ({ query }) => fitting(latest.current.names, query),
              command: ({ editor, range, props }) =>
                editor
                  .chain()
                  .focus()
                  .insertContentAt(range, [{ type: "chip", attrs: { says: usual(props) } }, { type: "text", text: " " }])
                  .run(),
              render: () => ({
                onStart: (props) => show(props),
                onUpdate: (props) => show(props),
                onExit: () => setAsked(null),
                onKeyDown: ({ event }) => keys(event),
              }),
            }),
          ];
        },
      }),
    ],
    [],
  );

  function show(props: SuggestionProps<Name>) {
    setChosen(0);
    setAsked({ props, rect: props.clientRect?.() ?? null });
  }

  function keys(event: KeyboardEvent): boolean {
    const { asked: now, chosen: at } = latest.current;
    if (!now) return false;
    const items = now.props.items;
    if (event.key === "ArrowDown") setChosen((at + 1) % Math.max(1, items.length));
    else if (event.key === "ArrowUp") setChosen((at + items.length - 1) % Math.max(1, items.length));
    else if ((event.key === "Enter" || event.key === "Tab") && items[at]) now.props.command(items[at]);
    else if (event.key === "Escape") setAsked(null);
    else return false;
    return true;
  }

  const editor = useEditor({
    extensions,
    content: words.toDocument(value),
    editable: !readOnly,
    injectCSS: false,
    editorProps: {
      attributes: { role: "textbox", "aria-label": label, "aria-multiline": "true", class: "words-text" },
      handleKeyDown: (view, event) => {
        if (event.key === "/" && latest.current.onSlash && view.state.doc.textContent === "" && view.state.doc.childCount === 1) {
          latest.current.onSlash();
          return true;
        }
        return false;
      },
    },
    onUpdate: ({ editor: now }) => {
      own.current = words.toText(now.getJSON());
      latest.current.onChange(own.current);
    },
  });

  // Before the next key can come: the editor's own way takes the focus a moment later, and letters would go nowhere.
  useLayoutEffect(() => {
    if (!autoFocus || !editor) return;
    editor.commands.setTextSelection(editor.state.doc.content.size);
    editor.view.focus();
  }, [editor]);

  // Undo, or another browser's text, from outside.
  useEffect(() => {
    if (!editor || value === own.current) return;
    own.current = value;
    const caret = editor.state.selection.from;
    editor.commands.setContent(words.toDocument(value), { emitUpdate: false });
    if (editor.isFocused) editor.commands.setTextSelection(Math.min(caret, editor.state.doc.content.size - 1));
  }, [editor, value]);

  useEffect(() => editor?.setEditable(!readOnly), [editor, readOnly]);

  const place = asked?.rect && box.current ? offset(asked.rect, box.current) : null;
  return (
    <Known.Provider value={names}>
      <div ref={box} className={error ? "words words-wrong" : "words"}>
        <EditorContent editor={editor} />
        {asked && place && (
          <ul className="names" id={listId} role="listbox" aria-label="Values" style={place}>
            {asked.props.items.map((one, at) => (
              <li
                key={one.path}
                role="option"
                aria-selected={at === chosen}
                onMouseEnter={() => setChosen(at)}
                onMouseDown={(event) => {
                  event.preventDefault();
                  asked.props.command(one);
                }}
              >
                <code>{one.path}</code> <span className="meta">{one.from}</span>
              </li>
            ))}
            {asked.props.items.length === 0 && (
              <li role="option" aria-selected={false} className="meta">
                Nothing here is called that.
              </li>
            )}
          </ul>
        )}
      </div>
    </Known.Provider>
  );
}

function fitting(names: Name[], query: string): Name[] {
  const wanted = query.toLowerCase();
  return names.filter((one) => one.path.toLowerCase().includes(wanted) || one.from.toLowerCase().includes(wanted)).slice(0, 8);
}

/** What may be missing comes with something to say instead. */
function usual(name: Name): string {
  return name.path === "contact.first_name" || name.path === "contact.name" ? `${name.path} | default: 'there'` : name.path;
}

function offset(rect: DOMRect, box: HTMLElement): { left: number; top: number } {
  const around = box.getBoundingClientRect();
  return { left: Math.max(0, Math.min(rect.left - around.left, around.width - 280)), top: rect.bottom - around.top + 4 };
}
