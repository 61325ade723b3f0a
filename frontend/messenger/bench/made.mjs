// Pages as component libraries of today build them, written for the measurement: what published packages hold little of.
//
// Each is a function of a source of names that look drawn by lot, and gives a whole page. The page carries the names
// that its build drew, so that the next build can draw others.

const icon = (d, more = "") =>
  `<svg ${more} viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor"><path d="${d}"></path></svg>`;
const CROSS = "M6 6l12 12M18 6L6 18";
const PEN = "M4 20h4L20 8l-4-4L4 16z";
const BIN = "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13";
const HEART = "M12 20S4 14 4 9a4 4 0 018-1 4 4 0 018 1c0 5-8 11-8 11z";
const STAR = "M12 3l3 6 6 1-4.5 4 1 6-5.5-3-5.5 3 1-6L3 10l6-1z";
const CARET = "M6 9l6 6 6-6";
const DOTS = "M5 12h.01M12 12h.01M19 12h.01";
const BELL = "M6 16V10a6 6 0 0112 0v6l2 2H4zM10 20h4";

const each = (list, make) => list.map(make).join("");

const page = (title, body, more = "") =>
  `<!doctype html><html lang="en" ${more}><head><meta charset="utf-8"><title>${title}</title><style>
  body{font:15px/1.5 sans-serif;margin:16px}nav ul,ol,ul{list-style:none;padding:0;display:flex;gap:12px;flex-wrap:wrap}
  a,button{display:inline-block;min-width:20px;min-height:20px}svg{vertical-align:middle}.sr-only{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
  </style></head><body>${body}</body></html>`;

function tailwindShop() {
  const goods = ["Linen shirt", "Wool scarf", "Canvas tote", "Leather belt", "Rain jacket", "Denim apron", "Felt hat", "Silk tie"];
  const link = "text-sm font-medium text-gray-700 hover:text-gray-900 md:px-3";
  return page(
    "Thread",
    `<header class="sticky top-0 z-50 bg-white/80 backdrop-blur"><div class="mx-auto max-w-7xl px-4 sm:px-6 lg:px-8 flex justify-between">
    <a href="/" class="flex items-center gap-2 font-bold">${icon("M4 4h16v16H4z", 'class="h-6 w-6 text-indigo-600"')}<span class="sr-only">Thread</span></a>
    <nav class="hidden md:flex gap-x-6">${each(["Women", "Men", "Children", "Sale", "Stores"], (one) => `<a class="${link}" href="/c/${one.toLowerCase()}">${one}</a>`)}</nav>
    <div class="flex items-center gap-4"><button class="p-2 rounded-full hover:bg-gray-100">${icon("M11 4a7 7 0 100 14 7 7 0 000-14zM21 21l-5-5", 'class="h-5 w-5"')}</button>
    <a href="/account" class="p-2">${icon("M12 12a4 4 0 100-8 4 4 0 000 8zM4 20a8 8 0 0116 0", 'class="h-5 w-5"')}</a>
    <button class="group relative p-2" aria-label="Basket, 3 items">${icon("M6 7h12l1 13H5zM9 7a3 3 0 016 0", 'class="h-5 w-5"')}<span class="ml-2 text-sm">3</span></button></div></div></header>
    <main class="mx-auto max-w-7xl px-4"><h1 class="text-3xl font-extrabold tracking-tight">New this week</h1>
    <div class="flex gap-2">${each(["All", "In stock", "Under $50", "Organic"], (one, n) => `<button type="button" class="rounded-full border px-3 py-1 text-xs ${n ? "" : "bg-gray-900 text-white"}">${one}</button>`)}
    <select class="rounded-md border-gray-300 text-sm"><option>Newest</option><option>Price</option></select></div>
    <div class="mt-6 grid grid-cols-2 gap-x-4 gap-y-10 sm:gap-x-6 md:grid-cols-4">${each(
      goods,
      (one, n) => `<div class="group relative"><div class="aspect-square w-full overflow-hidden rounded-lg bg-gray-100"><button class="absolute right-2 top-2 rounded-full bg-white p-1 shadow">${icon(HEART)}</button></div>
      <h3 class="mt-4 text-sm text-gray-700"><a href="/p/${one.toLowerCase().replace(" ", "-")}"><span aria-hidden="true" class="absolute inset-0"></span>${one}</a></h3>
      <p class="mt-1 text-lg font-medium">$${20 + 7 * n}.00</p><button class="mt-2 w-full rounded-md bg-indigo-600 px-3 py-2 text-sm font-semibold text-white hover:bg-indigo-500">Add to basket</button></div>`,
    )}</div>
    <section class="mt-16 rounded-2xl bg-gray-50 px-6 py-10"><h2 class="text-xl font-bold">Where is my parcel?</h2><p>Follow it on its way to you.</p>
    <div class="flex gap-3"><a href="/orders/track" class="rounded bg-black px-4 py-2 text-white">Track a parcel</a><a href="/help/delivery" class="underline">Delivery times</a></div></section></main>
    <footer class="border-t mt-24 py-10 text-sm">${each(["About", "Careers", "Returns", "Size guide", "Contact"], (one) => `<a class="mr-6 text-gray-500 hover:text-gray-600" href="/${one.toLowerCase().replace(" ", "-")}">${one}</a>`)}
    <form class="mt-4 flex"><label class="sr-only" for="mail">Email</label><input id="mail" type="email" placeholder="Your email" class="rounded-l-md border px-3"><button type="submit" class="rounded-r-md bg-gray-900 px-4 text-white">Sign up</button></form></footer>`,
  );
}

function moduleTeam(drawn) {
  const m = (name) => `${name}__${drawn(name)}`;
  const people = ["Ada Moss", "Ben Ortega", "Chloe Park", "Dan Fisher", "Eva Lund", "Finn Ode", "Gail Rust"];
  return page(
    "Team",
    `<div id="__next"><div class="${m("Layout_root")}"><aside class="${m("Sidebar_side")}"><ul>${each(
      ["Overview", "Projects", "Team", "Billing", "Settings"],
      (one, n) => `<li class="${m("Sidebar_item")} ${n === 2 ? m("Sidebar_active") : ""}"><a href="/app/${one.toLowerCase()}">${icon("M4 " + (4 + n) + "h16v12H4z")}<span>${one}</span></a></li>`,
    )}</ul><button class="${m("Sidebar_fold")}" aria-label="Fold the sidebar">${icon("M15 6l-6 6 6 6")}</button></aside>
    <div class="${m("Layout_body")}"><div class="${m("Toolbar_bar")}"><h1>Team</h1><input class="${m("Search_field")}" placeholder="Find a person"><button class="${m("Button_button")} ${m("Button_secondary")}">Export</button><button class="${m("Button_button")} ${m("Button_primary")}">Invite people</button></div>
    <table class="${m("Table_table")}"><thead><tr><th><input type="checkbox"></th>${each(["Name", "Role", "Last seen"], (one) => `<th><button class="${m("Table_sort")}">${one} ${icon(CARET)}</button></th>`)}<th></th></tr></thead><tbody>${each(
      people,
      (one, n) => `<tr class="${m("Table_row")}"><td><input type="checkbox"></td><td><a href="/app/team/${1000 + 37 * n}">${one}</a></td><td><div role="button" tabindex="0" class="${m("Select_trigger")}"><span>${n % 3 ? "Member" : "Owner"}</span>${icon(CARET)}</div></td><td>${n + 1} days ago</td>
      <td><button class="${m("IconButton_root")}">${icon(PEN)}</button><button class="${m("IconButton_root")}">${icon(BIN)}</button></td></tr>`,
    )}</tbody></table>
    <div class="${m("Pager_root")}"><button class="${m("Pager_page")}">Previous</button>${each([1, 2, 3, 4], (n) => `<button class="${m("Pager_page")}">${n}</button>`)}<button class="${m("Pager_page")}">Next</button></div>
    <div class="${m("Danger_zone")}"><h2>Danger zone</h2><p>Nobody can bring a team back.</p><button class="${m("Button_button")} ${m("Button_danger")}">Delete this team</button></div></div></div></div>`,
  );
}

function bootstrapOrders() {
  const orders = [["#4521", "Shipped"], ["#4522", "Pending"], ["#4523", "Shipped"], ["#4524", "Cancelled"], ["#4525", "Pending"], ["#4526", "Shipped"]];
  return page(
    "Orders",
    `<nav class="navbar navbar-expand-lg bg-body-tertiary"><div class="container-fluid"><a class="navbar-brand" href="#">Backoffice</a><button class="navbar-toggler" type="button" data-bs-toggle="collapse" data-bs-target="#nav">Menu</button>
    <div class="navbar-collapse" id="nav"><ul class="navbar-nav me-auto"><li class="nav-item"><a class="nav-link active" href="/orders">Orders</a></li><li class="nav-item"><a class="nav-link" href="/stock">Stock</a></li>
    <li class="nav-item dropdown"><a class="nav-link dropdown-toggle" href="#" role="button" data-bs-toggle="dropdown">Reports</a></li></ul><form class="d-flex" role="search"><input class="form-control me-2" type="search" placeholder="Search"><button class="btn btn-outline-success" type="submit">Search</button></form></div></div></nav>
    <div class="container my-4"><div class="alert alert-warning alert-dismissible">Two orders wait. <a href="/orders?state=waiting" class="alert-link">Show them</a><button type="button" class="btn-close" data-bs-dismiss="alert" aria-label="Close"></button></div>
    <ul class="nav nav-tabs">${each(["Open", "Done", "All"], (one, n) => `<li class="nav-item"><button class="nav-link ${n ? "" : "active"}" data-bs-target="#tab-${one.toLowerCase()}">${one}</button></li>`)}</ul>
    <table class="table table-striped align-middle">${each(
      orders,
      ([number, state]) => `<tr><td>${number}</td><td><span class="badge text-bg-secondary">${state}</span></td><td class="text-end"><div class="btn-group btn-group-sm"><a class="btn btn-primary" href="/orders/${number.slice(1)}">View</a><button class="btn btn-secondary">Refund</button><button class="btn btn-secondary dropdown-toggle dropdown-toggle-split"><span class="visually-hidden">More</span></button></div></td></tr>`,
    )}</table>
    <ul class="pagination">${each(["«", "1", "2", "3", "»"], (one) => `<li class="page-item"><a class="page-link" href="#">${one}</a></li>`)}</ul>
    <div class="row row-cols-3">${each(["Starter", "Business", "Enterprise"], (one, n) => `<div class="col"><div class="card h-100"><div class="card-body"><h5 class="card-title">${one}</h5><p class="card-text">${10 * (n + 1)} seats</p><a href="#" class="btn btn-primary">Choose plan</a></div></div></div>`)}</div>
    <div class="accordion">${each(["How do I pay?", "Can I cancel?", "Who sees my data?"], (one, n) => `<div class="accordion-item"><h2 class="accordion-header"><button class="accordion-button" type="button" data-bs-target="#c${n}">${one}</button></h2></div>`)}</div></div>`,
  );
}

function muiSettings(drawn) {
  const css = (name, seen) => `${seen} css-${drawn(name)}`;
  const field = (label, id, kind = "text") =>
    `<div class="${css("field", "MuiFormControl-root MuiTextField-root")}"><label class="MuiInputLabel-root css-${drawn("label")}" for=":r${id}:" id=":r${id}:-label">${label}</label><div class="${css("base", "MuiInputBase-root MuiOutlinedInput-root")}"><input aria-invalid="false" id=":r${id}:" type="${kind}" class="${css("input", "MuiInputBase-input")}"></div></div>`;
  const ripple = '<span class="MuiTouchRipple-root"></span>';
  return page(
    "Settings",
    `<div id="root"><header class="${css("bar", "MuiPaper-root MuiAppBar-root")}"><div class="${css("tool", "MuiToolbar-root")}"><button class="${css("icon", "MuiButtonBase-root MuiIconButton-root")}" tabindex="0" type="button" aria-label="menu">${icon("M3 6h18M3 12h18M3 18h18", 'class="MuiSvgIcon-root"')}${ripple}</button><h6>Preferences</h6>
    <button class="${css("icon", "MuiButtonBase-root MuiIconButton-root")}" type="button">${icon(BELL, 'class="MuiSvgIcon-root" data-testid="NotificationsIcon"')}${ripple}</button></div></header>
    <div role="tablist" class="${css("tabs", "MuiTabs-flexContainer")}">${each(["Profile", "Security", "Notifications", "Billing"], (one, n) => `<button class="${css("tab", "MuiButtonBase-root MuiTab-root")}" role="tab" aria-selected="${!n}" id=":r${n}:-tab" type="button">${one}${ripple}</button>`)}</div>
    <form>${field("First name", "4")}${field("Last name", "5")}${field("Email", "6", "email")}${field("Telephone", "7", "tel")}
    ${each(["News", "Offers", "Product updates"], (one, n) => `<label class="${css("label2", "MuiFormControlLabel-root")}"><span class="${css("switch", "MuiSwitch-root")}"><input class="MuiSwitch-input" type="checkbox" id=":r${9 + n}:"></span><span class="MuiTypography-root">${one}</span></label>`)}
    <div class="${css("actions", "MuiStack-root")}"><button class="${css("text", "MuiButtonBase-root MuiButton-root MuiButton-text")}" type="button">Discard${ripple}</button><button class="${css("contained", "MuiButtonBase-root MuiButton-root MuiButton-contained")}" type="submit">Save changes${ripple}</button></div></form>
    <div class="${css("cards", "MuiGrid-root")}">${each(["Visa ending 4242", "Mastercard ending 1881", "Amex ending 1009"], (one) => `<div class="${css("card", "MuiPaper-root MuiCard-root")}"><p>${one}</p><button type="button" class="${css("text", "MuiButtonBase-root MuiButton-root MuiButton-text")}">Edit${ripple}</button><button type="button" class="${css("text", "MuiButtonBase-root MuiButton-root MuiButton-text")}">Remove${ripple}</button></div>`)}</div>
    <div class="${css("chips", "MuiStack-root")}">${each(["design", "finance", "legal"], (one) => `<div class="${css("chip", "MuiChip-root")}" role="button" tabindex="0"><span class="MuiChip-label">${one}</span>${icon(CROSS, 'class="MuiChip-deleteIcon"')}</div>`)}</div></div>`,
  );
}

function vueBilling(drawn) {
  const v = () => `data-v-${drawn("billing")}`;
  const c = () => `data-v-${drawn("card")}`;
  return page(
    "Billing",
    `<div id="app" data-v-app><div ${v()} class="page-header"><h1 ${v()}>Invoices</h1><div ${v()} class="page-header__actions"><button ${v()} class="btn btn--ghost">Download all</button><button ${v()} class="btn btn--primary">Pay now</button></div></div>
    <ul ${v()} class="invoice-list">${each(
      ["January", "February", "March", "April", "May"],
      (one, n) => `<li ${v()} class="invoice-list__item"><div ${v()} ${c()} class="card card--flat"><div ${c()} class="card__head"><strong ${c()}>${one} 2031</strong><span ${c()} class="tag">${n > 3 ? "Open" : "Paid"}</span></div><div ${c()} class="card__foot"><a ${c()} href="/invoices/${2031}-0${n + 1}.pdf">PDF</a><button ${c()} class="link">Details</button><button ${c()} class="link">Dispute</button></div></div></li>`,
    )}</ul>
    <section ${v()} class="plan"><h2 ${v()}>Your plan</h2><div ${v()} class="plan__options" role="radiogroup">${each(["Monthly", "Yearly"], (one, n) => `<div ${v()} role="radio" tabindex="0" aria-checked="${!n}" class="plan__option" id="el-id-${1024 + n}-${n}"><span ${v()}>${one}</span></div>`)}</div>
    <p ${v()}>Questions about a bill? <span ${v()} class="clickable" onclick="void 0">Talk to <em ${v()}>billing</em></span> or read <a ${v()} href="#/help/billing">the help page</a>.</p>
    <button ${v()} class="btn btn--danger" data-test="cancel-plan">Cancel my plan</button></section>
    <div ${v()} class="stepper"><button ${v()} class="stepper__btn">−</button><output ${v()}>4 seats</output><button ${v()} class="stepper__btn">+</button></div>
    <nav ${v()} class="tabbar">${each(["home", "bills", "usage", "me"], (one, n) => `<a ${v()} href="#/${one}" class="tabbar__item" aria-label="${one}">${icon("M4 " + (6 + n) + "l8-4 8 4v12H4z")}</a>`)}</nav></div>`,
  );
}

function angularQueue(drawn) {
  const ng = (n) => `_ngcontent-${drawn("app")}-c${n}`;
  const tickets = ["Parcel lost", "Wrong colour", "Card declined", "Refund late", "Login fails", "Address change"];
  return page(
    "Queue",
    `<app-root _nghost-${drawn("app")}-c11 ng-version="19.0.1"><mat-toolbar ${ng(11)} class="mat-toolbar mat-primary"><button ${ng(11)} mat-icon-button class="mdc-icon-button mat-mdc-icon-button mat-unthemed"><mat-icon ${ng(11)} role="img" class="mat-icon notranslate material-icons">menu</mat-icon></button><span ${ng(11)}>Tickets</span></mat-toolbar>
    <app-filter ${ng(11)}><mat-chip-set ${ng(12)}>${each(["Mine", "Unassigned", "Overdue"], (one, n) => `<mat-chip ${ng(12)} class="mat-mdc-chip" id="mat-mdc-chip-${n}"><button ${ng(12)} matchipaction class="mdc-evolution-chip__action">${one}</button></mat-chip>`)}</mat-chip-set></app-filter>
    <div ${ng(11)} class="queue">${each(
      tickets,
      (one, n) => `<mat-card ${ng(13)} class="mat-mdc-card"><mat-card-title ${ng(13)}>${one}</mat-card-title><mat-card-content ${ng(13)}>Opened ${n + 2} hours ago</mat-card-content><mat-card-actions ${ng(13)}><button ${ng(13)} mat-button class="mdc-button mat-mdc-button"><span class="mdc-button__label">Assign to me</span></button><button ${ng(13)} mat-button class="mdc-button mat-mdc-button"><span class="mdc-button__label">Snooze</span></button><button ${ng(13)} mat-icon-button class="mdc-icon-button"><mat-icon class="material-icons">more_vert</mat-icon></button></mat-card-actions></mat-card>`,
    )}</div>
    <mat-paginator ${ng(11)}><div id="mat-paginator-page-size-label-0">Rows</div><button ${ng(14)} aria-label="Previous page">${icon("M15 6l-6 6 6 6")}</button><button ${ng(14)} aria-label="Next page">${icon("M9 6l6 6-6 6")}</button></mat-paginator>
    <a ${ng(11)} routerlink="/archive" href="/archive" class="mat-mdc-button">Archive</a><a ${ng(11)} routerlink="/rules" href="/rules" class="mat-mdc-button">Routing rules</a><button ${ng(11)} mat-fab class="mdc-fab" color="accent"><mat-icon class="material-icons">add</mat-icon></button></app-root>`,
  );
}

function radixMail() {
  const mails = ["Your receipt", "Meeting on Monday", "Invoice 2291", "Re: holiday plans", "Server alert", "Welcome aboard", "Weekly digest", "Photos"];
  return page(
    "Mail",
    `<div id="root"><div class="flex h-screen"><aside><button data-slot="button" class="inline-flex items-center justify-center whitespace-nowrap rounded-md bg-primary">${icon(PEN)}Compose</button>
    <nav><ul>${each(["Inbox", "Starred", "Sent", "Drafts", "Bin"], (one, n) => `<li><a data-slot="sidebar-menu-button" data-active="${!n}" href="/m/${one.toLowerCase()}">${one}${n ? "" : "<span>12</span>"}</a></li>`)}</ul></nav></aside>
    <main><div role="tablist" aria-orientation="horizontal">${each(["Primary", "Social", "Promotions"], (one, n) => `<button type="button" role="tab" aria-controls="radix-«r${n}»-content-${one.toLowerCase()}" id="radix-«r${n}»-trigger" data-state="${n ? "in" : ""}active">${one}</button>`)}</div>
    <div role="toolbar">${each([BIN, BELL, DOTS], (d, n) => `<button type="button" id="radix-«r${5 + n}»" aria-haspopup="menu" data-state="closed">${icon(d)}</button>`)}</div>
    <ul style="display:block">${each(mails, (one, n) => `<li data-slot="item"><button role="checkbox" aria-checked="false" type="button" id="«r${20 + n}»"></button><button type="button">${icon(STAR)}</button><a href="/m/inbox/${Buffer.from(one).toString("hex").slice(0, 12)}"><span>${["Ann", "Bob", "Cy"][n % 3]}</span> <span><span>${one}</span></span></a><time>${n + 1}:0${n}</time></li>`)}</ul>
    <section><h2>Storage</h2><p>8 of 15 GB</p><button type="button" data-slot="button">Get more storage</button></section></main></div></div>`,
  );
}

function themeProduct() {
  const id = "template--1892734__main";
  return page(
    "Kettle",
    `<div id="shopify-section-header" class="shopify-section section-header"><header class="header"><a href="/" class="header__heading-link">Copper &amp; Clay</a><nav class="header__inline-menu"><ul class="list-menu">${each(["Kettles", "Cups", "Gifts", "Journal"], (one) => `<li><a href="/collections/${one.toLowerCase()}" class="header__menu-item list-menu__item link link--text focus-inset"><span>${one}</span></a></li>`)}</ul></nav>
    <div class="header__icons"><a href="/search" class="header__icon header__icon--search" aria-label="Search">${icon("M11 4a7 7 0 100 14z", 'class="icon icon-search"')}</a><a href="/cart" class="header__icon header__icon--cart" id="cart-icon-bubble">${icon("M6 7h12l1 13H5z")}<span class="visually-hidden">Cart</span></a></div></header></div>
    <main id="MainContent"><section id="shopify-section-${id}"><div class="product"><h1>Hand-raised kettle</h1><fieldset class="product-form__input"><legend>Colour</legend>${each(["Copper", "Tin", "Black"], (one, n) => `<input type="radio" id="${id}-1-${n}" name="Colour-${id}" value="${one}"><label for="${id}-1-${n}">${one}</label>`)}</fieldset>
    <div class="quantity"><button class="quantity__button" name="minus" type="button"><span class="visually-hidden">Decrease quantity</span>−</button><input class="quantity__input" type="number" name="quantity" value="1"><button class="quantity__button" name="plus" type="button"><span class="visually-hidden">Increase quantity</span>+</button></div>
    <form action="/cart/add"><button type="submit" name="add" class="product-form__submit button button--full-width button--secondary"><span>Add to cart</span></button><button type="button" class="shopify-payment-button__button">Buy it now</button></form>
    ${each(["Materials", "Shipping & returns", "Dimensions", "Care"], (one) => `<details class="accordion"><summary role="button"><h2 class="accordion__title">${one}</h2>${icon(CARET)}</summary><p>More on that.</p></details>`)}<button class="share-button__button">${icon("M12 3v12")} Share</button></div></section>
    <section><h2>You may also like</h2><ul class="grid product-grid">${each(["Tea strainer", "Cup, small", "Cup, large", "Trivet"], (one) => `<li class="grid__item"><div class="card-wrapper"><h3 class="card__heading"><a href="/products/${one.toLowerCase().replace(/[ ,]+/g, "-")}" class="full-unstyled-link">${one}</a></h3><span class="price">From €18</span><button class="quick-add__submit button">Choose options</button></div></li>`)}</ul></section>
    <section><h2>Reviews</h2>${each(["Lovely", "Heavy but good", "Arrived dented"], (one, n) => `<article><h3>${one}</h3><p>By customer ${n + 1}</p><button class="review__helpful">Helpful (${3 * n + 1})</button><a href="#report" class="review__report">Report</a></article>`)}</section></main>
    <footer class="footer">${each(["Privacy policy", "Refund policy", "Terms of service"], (one) => `<a class="copyright__content" href="/policies/${one.toLowerCase().replaceAll(" ", "-")}">${one}</a>`)}<button type="button" class="disclosure__button">Germany (EUR €) ${icon(CARET)}</button></footer>`,
  );
}

function shadowOrders() {
  const card = (one, n) =>
    `<order-card><template shadowrootmode="open"><style>button{margin:2px}</style><h3>${one}</h3><p>Arrives on ${n + 3} May</p><button part="track">Where is it?</button><button part="return">Send it back</button><a href="/orders/${7000 + n * 13}">Details</a><icon-button><template shadowrootmode="open"><button>${icon(DOTS)}</button></template></icon-button></template></order-card>`;
  return page(
    "My orders",
    `<site-nav><template shadowrootmode="open"><nav><a href="/shop">Shop</a> <a href="/orders">My orders</a> <a href="/help">Help</a><button aria-label="Basket">${icon("M6 7h12l1 13H5z")}</button></nav></template></site-nav>
    <main><h1>My orders</h1>${each(["Desk lamp", "Oak shelf", "Rug, grey", "Mirror"], card)}
    <help-box><template shadowrootmode="open"><h2>Something wrong?</h2><button class="primary">Report a problem</button><button>Ask for an invoice</button><slot></slot></template><a href="/chat">Chat with us</a></help-box>
    <p><button id="reorder">Order the same again</button></p></main>`,
  );
}

function rightToLeft() {
  return page(
    "بنك",
    `<header class="top"><a class="logo" href="/ar">مصرف النخيل</a><nav class="main-nav"><ul>${each([["حساباتي", "accounts"], ["تحويل", "transfer"], ["بطاقات", "cards"], ["قروض", "loans"]], ([name, to]) => `<li><a href="/ar/${to}">${name}</a></li>`)}</ul></nav><button class="lang-switch" lang="en">English</button></header>
    <main><h1>حساباتي</h1><div class="accounts">${each(["الحساب الجاري", "حساب التوفير", "حساب الأعمال"], (one, n) => `<div class="account"><h2>${one}</h2><p>${1250 * (n + 1)} ر.س</p><button class="act act-transfer">تحويل</button><button class="act act-statement">كشف حساب</button><a href="/ar/accounts/${n + 1}/details">تفاصيل</a></div>`)}</div>
    <form class="quick"><h2>تحويل سريع</h2><input name="amount" placeholder="المبلغ"><select name="to"><option>اختر</option></select><button type="submit">أرسل</button><button type="reset">امسح</button></form>
    <section class="help"><h2>مساعدة</h2><a href="/ar/faq">الأسئلة الشائعة</a><a href="tel:+966800123">اتصل بنا</a><button>بلّغ عن بطاقة مفقودة</button></section></main>`,
    'dir="rtl"',
  );
}

function oldTables() {
  return page(
    "Library",
    `<table width="900"><tr><td bgcolor="#eee"><font size="4">City library</font></td><td align="right"><a href="login.php">Log in</a> | <a href="register.php">Register</a> | <a href="basket.php"><img alt="" src="cart.gif" width="20" height="20"></a></td></tr></table>
    <table width="900"><tr><td valign="top" width="200">${each(["Novels", "Poetry", "Travel", "Cooking", "Children"], (one, n) => `<a href="list.php?cat=${n + 1}">${one}</a><br>`)}<form><input type="text" name="q"><input type="submit" value="Go"></form></td>
    <td>${each(["The long way", "Salt and smoke", "A small harbour", "Winter bread", "Letters home"], (one, n) => `<table border="1" width="600"><tr><td><b>${one}</b><br>By somebody</td><td><a href="book.php?id=${410 + n}"><img alt="cover" src="c${n}.jpg" width="30" height="40"></a></td><td><input type="button" value="Reserve"> <a href="book.php?id=${410 + n}">more...</a> <a href="book.php?id=${410 + n}&amp;act=hold">hold</a></td></tr></table>`)}
    <center><a href="list.php?p=0">&lt;&lt;</a> ${each([1, 2, 3], (n) => `<a href="list.php?p=${n}">${n}</a> `)}<a href="list.php?p=4">&gt;&gt;</a></center></td></tr></table>
    <p><a href="hours.php">Opening hours</a> <a href="mailto:desk@library.example">Write to us</a> <a href="top.php" target="_top">Top</a></p>`,
  );
}

function newsList() {
  const stories = ["Harbour bridge to close for repairs", "Council agrees on night buses", "Bakery wins a prize", "River swim draws a crowd", "School gets a garden", "Museum opens late on Fridays"];
  const slug = (one) => one.toLowerCase().replaceAll(" ", "-");
  return page(
    "The Quay",
    `<header class="site-header"><a class="site-title" rel="home" href="/">The Quay</a><nav class="menu-main-container"><ul id="menu-main" class="menu">${each(["News", "Sport", "Culture", "Opinion", "Weather"], (one, n) => `<li id="menu-item-${130 + n}" class="menu-item menu-item-type-taxonomy menu-item-${130 + n}"><a href="/category/${one.toLowerCase()}/">${one}</a></li>`)}</ul></nav><a class="subscribe-button" href="/subscribe">Subscribe</a></header>
    <main id="primary">${each(stories, (one, n) => `<article id="post-${8810 + n}" class="post-${8810 + n} post type-post hentry category-news"><h2 class="entry-title"><a href="/2031/05/${slug(one)}/" rel="bookmark">${one}</a></h2><p>By <a href="/author/${["ines", "oskar"][n % 2]}/">${["Ines", "Oskar"][n % 2]}</a></p><a class="more-link" href="/2031/05/${slug(one)}/" ${n % 2 ? "" : `aria-label="Continue reading ${one}"`}>Continue reading</a><a class="comments" href="/2031/05/${slug(one)}/#comments">${n} comments</a><button class="save" type="button">${icon("M6 4h12v16l-6-4-6 4z")}</button></article>`)}
    <nav class="navigation posts-navigation"><a href="/page/2/">Older posts</a></nav></main>
    <aside id="secondary"><section class="widget widget_search"><form role="search"><input type="search" placeholder="Search…"><button type="submit" class="search-submit">Search</button></form></section><section class="widget"><h2>Most read</h2><ol>${each(stories.slice(0, 4), (one) => `<li><a href="/2031/05/${slug(one)}/">${one}</a></li>`)}</ol></section>
    <section class="widget"><h2>Tip-off</h2><button class="wp-block-button__link wp-element-button">Tell us a story</button></section></aside>
    <footer>${each(["facebook", "mastodon", "youtube"], (one) => `<a class="social" href="https://${one}.example/thequay">${icon("M4 4h" + one.length + "v16")}</a>`)}<a href="/imprint/">Imprint</a><a href="/privacy/">Privacy</a></footer>`,
  );
}

function board(drawn) {
  const s = (name) => `sc-${drawn(name)} ${drawn(name + "2")}`;
  const columns = { Todo: ["Write the brief", "Find a printer", "Book a room"], Doing: ["Draw the map", "Call the caterer"], Done: ["Choose a date"] };
  return page(
    "Board",
    `<div id="app"><div class="${s("top")}"><button data-testid="board-switcher" class="${s("btn")}">Summer party ${icon(CARET)}</button><button data-testid="share" class="${s("btn")}">Share</button><button data-testid="filter" class="${s("btn")}">Filter</button><div class="${s("avatars")}">${each(["AM", "BO", "CP"], (one) => `<button class="${s("avatar")}" title="${one}">${one}</button>`)}</div></div>
    <div class="${s("columns")}">${each(Object.entries(columns), ([name, cards]) => `<section data-testid="column" class="${s("column")}"><header><h2>${name}</h2><button class="${s("ghost")}" aria-label="Column menu">${icon(DOTS)}</button></header>${each(cards, (one, n) => `<div data-testid="card" role="button" tabindex="0" class="${s("card")}"><span class="${s("cardtitle")}">${one}</span><button class="${s("ghost")}">${icon(PEN)}</button></div>`)}<button data-testid="add-card" class="${s("ghost")}">${icon("M12 5v14M5 12h14")} Add a card</button></section>`)}<button data-testid="add-column" class="${s("ghost")}">Add a column</button></div>
    <dialog open class="${s("modal")}"><h2>Keyboard shortcuts</h2><p>Press ? at any time.</p><button class="${s("btn")}">Got it</button><button class="${s("close")}" aria-label="Close">${icon(CROSS)}</button></dialog></div>`,
  );
}

function helpCentre(drawn) {
  const s = (name) => `${name} svelte-${drawn(name)}`;
  const questions = ["How do I change my password?", "Where is my order?", "How do refunds work?", "Can I pause my plan?", "How do I add a colleague?"];
  return page(
    "Help",
    `<div style="display: contents"><header class="${s("bar")}"><a class="${s("brand")}" href="/help">Help centre</a><a class="${s("nav")}" href="/status">Status</a><a class="${s("nav")}" href="/contact">Contact</a><button class="${s("theme")}" title="Switch theme">${icon(STAR)}</button></header>
    <div class="${s("hero")}"><h1>How can we help?</h1><input type="search" class="${s("search")}" aria-label="Search the help centre"><div class="${s("popular")}">Popular: ${each(["refund", "password", "invoice"], (one) => `<a href="/search?q=${one}">${one}</a> `)}</div></div>
    <div class="${s("tiles")}">${each(["Account", "Orders", "Payments", "Privacy", "Teams", "API"], (one, n) => `<a class="${s("tile")}" href="/help/${one.toLowerCase()}"><div>${icon("M4 " + (4 + n) + "h14v10H4z")}</div><strong>${one}</strong><span>${3 + 2 * n} articles</span></a>`)}</div>
    <section class="${s("faq")}"><h2>Asked most</h2>${each(questions, (one, n) => `<div class="${s("entry")}"><button class="${s("question")}" aria-expanded="false" aria-controls="bits-${40 + n}">${one}</button><div class="${s("vote")}"><span>Was this helpful?</span><button class="${s("thumb")}">Yes</button><button class="${s("thumb")}">No</button></div></div>`)}</section>
    <section class="${s("still")}"><h2>Still stuck?</h2><button class="${s("cta")}">Start a chat</button><a class="${s("cta")}" href="mailto:help@firm.example">Send an email</a></section></div>`,
  );
}

function chakraPricing(drawn) {
  const c = (seen, name) => `${seen} css-${drawn(name)}`;
  const plans = [["Free", 0], ["Solo", 9], ["Team", 29], ["Company", 99]];
  return page(
    "Pricing",
    `<div class="${c("chakra-container", "box")}"><div class="${c("chakra-stack", "head")}"><a class="${c("chakra-link", "link")}" href="/">${icon("M4 12h16")}</a><div class="${c("chakra-button__group", "grp")}">${each(["Product", "Docs", "Pricing"], (one, n) => `<button type="button" id="menu-button-:r${n * 3}:" aria-haspopup="menu" class="${c("chakra-button chakra-menu__menu-button", "menu")}">${one}${icon(CARET)}</button>`)}</div><a class="${c("chakra-button", "login")}" href="/login">Log in</a><a class="${c("chakra-button", "cta")}" href="/signup">Start for free</a></div>
    <h1>Simple prices</h1><div role="group" class="${c("chakra-stack", "toggle")}"><label class="${c("chakra-switch", "sw")}"><input type="checkbox" class="chakra-switch__input">Pay yearly</label></div>
    <div class="${c("chakra-grid", "plans")}">${each(plans, ([name, price], n) => `<div class="${c("chakra-card", "card")} ${n === 2 ? `css-${drawn("hot")}` : ""}"><h2>${name}</h2><p>$${price}</p><ul>${each(["Projects", "Support", "Exports"].slice(0, n), (one) => `<li>${one}</li>`)}</ul><button type="button" class="${c("chakra-button", "buy")}">${n === 3 ? "Talk to sales" : "Choose"}</button></div>`)}</div>
    <table class="${c("chakra-table", "table")}">${each(["Seats", "History", "Single sign-on", "Audit log"], (one) => `<tr><td>${one} <button type="button" class="${c("chakra-button", "info")}" aria-label="About ${one.toLowerCase()}">?</button></td>${each(plans, (_, n) => `<td>${n}</td>`)}</tr>`)}</table>
    <div class="${c("chakra-stack", "quotes")}">${each(["Mia", "Noor", "Olu"], (one) => `<blockquote>“It works.”<cite>${one}</cite><a href="/stories/${one.toLowerCase()}">Read the story</a></blockquote>`)}</div></div>`,
  );
}

// The first half of them helps to set weights, the second half is only looked at for figures.
export const made = [
  ["tailwind-shop", tailwindShop],
  ["bootstrap-orders", bootstrapOrders],
  ["vue-billing", vueBilling],
  ["radix-mail", radixMail],
  ["shadow-orders", shadowOrders],
  ["old-tables", oldTables],
  ["board", board],
  ["css-modules-team", moduleTeam],
  ["mui-settings", muiSettings],
  ["angular-queue", angularQueue],
  ["theme-product", themeProduct],
  ["right-to-left", rightToLeft],
  ["news-list", newsList],
  ["svelte-help", helpCentre],
  ["chakra-pricing", chakraPricing],
].map(([name, write], at, all) => ({ name, half: at < all.length / 2 - 1 ? "tune" : "report", html: written(write, name) }));

/** The page, and in it what its build drew by lot. */
function written(write, name) {
  const drawn = new Map();
  let state = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const lot = (what) => {
    if (!drawn.has(what)) {
      let text = "";
      while (text.length < 6) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        text += letters[(state >>> 16) % (text ? 62 : 26)];
      }
      drawn.set(what, text.toLowerCase() === text && !/\d/.test(text) ? text.slice(0, 4) + "7" + text.slice(5) : text);
    }
    return drawn.get(what);
  };
  const html = write(lot);
  return html.replace("<html ", `<html data-bench-drawn="${[...drawn.values()].join(" ")}" `);
}
