// One constructed sheet. Sizes in px: a page's own root size must not change ours.

/** Where the panel takes the whole screen: phones, upright or not, and pages enlarged a lot. */
export const SMALL = "(max-width:560px),(max-height:440px)";

export function sheet(): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(CSS);
  return made;
}

const DARK = `--paper:#15161A;--card:#1D1F25;--line:#30333B;--ink:#ECEAE4;--quiet:#A3A6AF;--link:color-mix(in srgb,var(--act) 40%,#fff);--accent:var(--link);--on:#15161A;--brass:#E0B25C;--rust:#F08A7C;--moss:#7CC79B;--wash:#262932;color-scheme:dark`;

const CSS = `
.all{--paper:#FBFAF7;--card:#fff;--line:#E6E3DB;--ink:#1B1D23;--quiet:#62656E;--link:var(--act);--accent:var(--act);--on:#fff;--brass:#8A5A12;--rust:#A3362B;--moss:#2C6E49;--wash:#F1EFE9;color-scheme:light;
font:16px/24px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;color:var(--ink);text-align:start;-webkit-text-size-adjust:100%}
.all.dark{${DARK}}
@media(prefers-color-scheme:dark){.all.system{${DARK}}}
*,::before,::after{box-sizing:border-box}
p,h2,h3,ul,ol,fieldset,pre{margin:0;padding:0}
ul,ol{list-style:none}
fieldset{border:0;min-width:0}
button,input,textarea{font:inherit;color:inherit;margin:0}
button{cursor:pointer;background:none;border:0;padding:0;text-align:start}
button:disabled{cursor:default}
.all :focus-visible{outline:2px solid var(--link);outline-offset:2px}
.all h2:focus{outline:0}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.i{fill:none;stroke:currentColor;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round;flex:none}
[dir=rtl] .i-back,[dir=rtl] .i-right{transform:scaleX(-1)}
[dir=auto]{text-align:-webkit-match-parent;text-align:match-parent}
.quiet{color:var(--quiet)}
.panel{position:fixed;bottom:calc(var(--b) + 72px);right:var(--x);width:392px;max-width:calc(100vw - 40px);height:min(680px,calc(100vh - var(--b) - 92px));height:min(680px,calc(100dvh - var(--b) - 92px));display:flex;flex-direction:column;background:var(--paper);border:1px solid var(--line);border-radius:14px;overflow:hidden;box-shadow:0 12px 40px rgb(27 29 35/.2);animation:come .16s ease-out}
:host(.left) .panel,:host(.left) .teaser{right:auto;left:var(--x)}
@keyframes come{from{opacity:0;transform:translateY(8px)}}
.head{display:flex;align-items:center;gap:4px;min-height:64px;padding:8px 8px 8px 16px;padding-inline:16px 8px;background:var(--card);border-bottom:1px solid var(--line)}
.head:has(.i-back){padding-inline-start:8px}
.name{flex:1;min-width:0}
.head h2{font-size:17px;line-height:24px;font-weight:600;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.head p{font-size:13px;line-height:18px;color:var(--quiet)}
.tool{width:44px;height:44px;flex:none;display:grid;place-items:center;border-radius:10px;color:var(--quiet)}
.tool:hover{background:var(--wash);color:var(--ink)}
.notice{display:flex;gap:8px;align-items:center;justify-content:space-between;padding:8px 16px;font-size:13px;line-height:18px;background:var(--wash);border-bottom:1px solid var(--line)}
.notice[hidden]{display:none}
.notice .i{vertical-align:-3px}
.brass .i,.first .i,.row .i-curtain{color:var(--brass)}
.link{color:var(--link);text-decoration:underline;text-underline-offset:2px;min-height:24px}
.scroll{flex:1;overflow-y:auto;overscroll-behavior:contain;padding:16px}
.scroll:focus-visible,.log:focus-visible{outline-offset:-2px}
.home{display:flex;flex-direction:column;gap:16px}
.greeting{font-size:20px;line-height:28px;font-weight:600;margin-top:8px}
.greeting+.quiet{margin-top:-12px;font-size:15px;line-height:22px}
.main{display:inline-flex;align-items:center;justify-content:center;gap:8px;min-height:44px;padding:8px 20px;border-radius:10px;background:var(--accent);color:var(--on);font-weight:600;font-size:15px}
.main:hover{filter:brightness(1.08)}
.wide{display:flex;width:100%;justify-content:space-between}
.foot{padding:12px 16px}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;overflow:hidden}
.card h3{font-size:13px;line-height:18px;font-weight:600;color:var(--quiet);padding:12px 16px 0}
.rows{margin:0 -16px}
.card .rows{margin:0}
.rows li+li{border-top:1px solid var(--line)}
.row{display:block;width:100%;padding:12px 16px;min-height:64px}
.row:hover{background:var(--wash)}
.row:focus-visible{outline-offset:-3px}
.row .top,.row .last{display:flex;gap:8px;align-items:center}
.row b{flex:1;min-width:0;font-size:15px;font-weight:600;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.row time{font-size:13px;color:var(--quiet);flex:none}
.row .last{font-size:15px;line-height:22px;color:var(--quiet)}
.row .what{flex:1;min-width:0;overflow:hidden;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2}
.card .what{-webkit-line-clamp:1}
.badge{flex:none;min-width:20px;height:20px;border-radius:10px;padding:0 6px;background:var(--accent);color:var(--on);font:600 12px/20px system-ui,sans-serif;text-align:center}
.search{display:flex;align-items:center;gap:8px;padding:0 12px;min-height:44px;background:var(--card);border:1px solid var(--line);border-radius:10px;color:var(--quiet)}
.search~.rows{margin-top:8px}.search~.ghosts{margin-top:16px}.home>*{flex:none}
.search:focus-within{border-color:var(--link);outline:1px solid var(--link)}
.search input{flex:1;min-width:0;border:0;background:none;color:var(--ink);height:42px;outline:0!important}
::placeholder{color:var(--quiet);opacity:1}
.empty{padding:32px 16px;text-align:center;color:var(--quiet);font-size:15px;line-height:22px}
.empty h3{font-size:17px;line-height:24px;font-weight:600;color:var(--ink);margin-bottom:4px}
.empty .main{margin-top:16px}
.tabs{display:flex;background:var(--card);border-top:1px solid var(--line)}
.tabs button{flex:1;position:relative;display:flex;flex-direction:column;align-items:center;gap:2px;padding:8px 4px 6px;min-height:56px;font-size:13px;line-height:18px;color:var(--quiet)}
.tabs button:focus-visible{outline-offset:-3px;border-radius:10px}
.tabs [aria-current]{color:var(--link);font-weight:600}
.dot{position:absolute;top:8px;inset-inline-start:calc(50% + 8px);width:8px;height:8px;border-radius:4px;background:var(--rust)}
.log{flex:1;overflow-y:auto;overscroll-behavior:contain;padding:16px;display:flex;flex-direction:column}
.parts{display:flex;flex-direction:column;gap:4px;margin-top:auto}
.day,.event{align-self:center;text-align:center;font-size:13px;line-height:18px;color:var(--quiet);padding:8px 16px}
.m{max-width:85%;display:flex;flex-direction:column;gap:4px;align-items:flex-start;align-self:flex-start;position:relative}
.mine{align-self:flex-end;align-items:flex-end}
.m:has(.meta){margin-bottom:8px}
.bubble{padding:8px 14px;border-radius:18px;background:var(--card);border:1px solid var(--line);overflow-wrap:anywhere;max-width:100%}
.mine .bubble{background:var(--accent);border-color:transparent;color:var(--on)}
.m:has(.first) .bubble{border-color:var(--brass)}
.first{font-size:13px;line-height:18px;font-weight:600;color:var(--brass)}
.first .i{vertical-align:-2px}
.out .bubble{opacity:.85}
.failed .bubble{opacity:1}
.meta{font-size:13px;line-height:18px;color:var(--quiet);padding:0 4px;font-variant-numeric:tabular-nums}
.failed .meta,.problem{color:var(--rust)}
.problem{font-size:13px;line-height:18px;padding:4px 0}
.body>*+*{margin-top:8px}
.body a{color:var(--link);text-decoration:underline;text-underline-offset:2px}
.mine .body a{color:inherit}
.body ul{list-style:disc;padding-inline-start:20px}
.body ol{list-style:decimal;padding-inline-start:24px}
.body code{font:14px/20px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.body pre{overflow-x:auto;padding:8px;border-radius:6px;background:var(--wash);color:var(--ink)}
.m:has(.wishes){max-width:100%}
.m:has(.wishes) .bubble{max-width:85%}
.wish,.said{padding-inline:4px;font-size:13px;line-height:18px;color:var(--quiet)}
.wish{display:flex;flex-wrap:wrap;gap:0 12px}
.wish .link,.said .link,.meta .link{color:var(--quiet)}
.wish .link:hover,.said .link:hover{color:var(--ink)}
.said:empty{display:none}
.said{padding-block:2px}
.picture{display:block;border-radius:10px;overflow:hidden;border:1px solid var(--line);line-height:0;background:var(--wash)}
canvas{max-width:100%;max-width:min(100%,280px);height:auto}
.file{display:flex;align-items:center;gap:8px;min-height:44px;max-width:100%;padding:8px 14px;border:1px solid var(--line);border-radius:10px;background:var(--card);color:var(--link);font-size:15px;line-height:22px;text-decoration:none}
.file .name,.chosen .name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;min-width:0;flex:1}
.chip{display:inline-flex;align-items:center;gap:6px;min-height:32px;padding:4px 12px;border:1px solid var(--line);border-radius:16px;background:var(--card);color:var(--link);font-size:13px;line-height:18px}
.chip:hover,.choice:hover{background:var(--wash)}
.mid{align-self:center;margin-bottom:8px}
.sources{display:flex;flex-wrap:wrap;gap:4px}
.choices{display:flex;flex-wrap:wrap;gap:8px;justify-content:flex-end;padding:8px 0 4px}
.choice{min-height:44px;padding:8px 18px;border:1px solid var(--link);border-radius:22px;color:var(--link);font-size:15px;line-height:22px;font-weight:600;background:var(--card)}
.typing{display:flex;gap:4px;padding:14px}
.typing i{width:6px;height:6px;border-radius:3px;background:var(--quiet);animation:wait 1.2s infinite}
.typing i:nth-of-type(2){animation-delay:.15s}
.typing i:nth-of-type(3){animation-delay:.3s}
@keyframes wait{0%,60%,to{opacity:.35}30%{opacity:1}}
.write{background:var(--card);border-top:1px solid var(--line);padding:8px}
.write .problem{padding:0 8px 4px}
.line{display:flex;align-items:flex-end;gap:4px}
.line textarea{flex:1;min-width:0;border:1px solid transparent;border-radius:10px;background:none;padding:9px 8px;min-height:44px;resize:none;overflow-y:auto;outline:0!important}
.write:focus-within{box-shadow:inset 0 2px var(--link)}
.send{width:44px;height:44px;flex:none;display:grid;place-items:center;border-radius:22px;background:var(--accent);color:var(--on)}
.send:disabled{background:var(--wash);color:var(--quiet)}
.chosen{display:flex;flex-direction:column;gap:4px;padding:0 4px 8px}
.chosen li{display:flex;align-items:center;gap:8px;font-size:13px;line-height:18px;background:var(--wash);border-radius:10px;padding-inline-start:12px}
.chosen canvas{width:32px;height:32px;object-fit:cover;border-radius:6px}
.rating{margin-top:16px;scroll-margin:16px;padding:16px;border:1px solid var(--line);border-radius:10px;background:var(--card);text-align:center}
.rating legend{width:100%;font-size:15px;line-height:22px;font-weight:600;margin-bottom:8px}
.marks{display:flex;justify-content:center}
.marks label{width:44px;height:44px;display:grid;place-items:center;color:var(--quiet);cursor:pointer;border-radius:10px;position:relative}
.marks label:hover{background:var(--wash)}
.marks .on{color:var(--accent)}
.marks .on path{fill:currentColor}
.marks input{position:absolute;opacity:0;inset:0;cursor:pointer}
.marks label:focus-within{outline:2px solid var(--link)}
.rating textarea,.reach input{width:100%;padding:8px 12px;border:1px solid var(--line);border-radius:10px;background:var(--paper);margin:8px 0;resize:none;font-size:16px}
.chosen-mark{font-size:13px;line-height:18px;color:var(--quiet)}
.rated,.reach{font-size:13px;line-height:18px;color:var(--quiet);text-align:center;padding:12px 0 0}
.reach{text-align:start}
.reach div{display:flex;gap:8px;align-items:center}
.article h3{font-size:20px;line-height:28px;font-weight:600}
.article .quiet{font-size:13px;line-height:18px;margin-bottom:16px}
.ghosts{display:flex;flex-direction:column;gap:12px;padding:8px 0}
.ghosts i{height:40px;border-radius:10px;background:var(--wash)}
.ghosts i:nth-child(2){width:70%}
.teaser{position:fixed;bottom:calc(var(--b) + 72px);right:var(--x);width:320px;max-width:calc(100vw - 40px);display:flex;align-items:flex-start;background:var(--card);border:1px solid var(--line);border-radius:14px;box-shadow:0 8px 28px rgb(27 29 35/.18);animation:come .16s ease-out}
.teaser.brass{border-color:var(--brass)}
.teaser .words{flex:1;min-width:0;padding:12px 0 12px 16px;padding-inline:16px 0;border-radius:14px}
.who{display:block;font-size:13px;line-height:18px;color:var(--quiet)}
.teaser .what{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden;font-size:15px;line-height:22px;overflow-wrap:anywhere}
@media(pointer:coarse){.link,.chip{min-height:44px}}
@media ${SMALL}{.panel{inset:0!important;width:100%;max-width:none;height:100%;height:100dvh;border:0;border-radius:0;padding-bottom:env(safe-area-inset-bottom)}}
@media(prefers-reduced-motion:reduce){.all *{animation:none!important;transition:none!important;scroll-behavior:auto!important}}
@media(forced-colors:active){.bubble,.choice,.main,.send,.badge{border:1px solid}}
`;
