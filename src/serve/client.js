// The preview's script: keeps an open page the way the files say, and shows what is wrong with them.
//
// The server puts one <script> into each page and tells of each edition over /__preview/events. What the server says is
// compared with what the page shows; what differs is fetched and patched into the living page. Nothing else of the page
// is touched: all that the preview shows itself stands in a shadow root behind <body>, where styles never meet.
// Start at `receive`.
(() => {
  "use strict";

  const texts = {
    zh: {
      preview: "预览", home: "预览首页", edit: "编辑本页", openInEditor: "在 VS Code 中打开", help: "怎样改：", close: "关闭", minimise: "收起",
      edition: (n) => `第 ${n} 版`, lost: "预览已断开，正在重新连接…", onlyHere: "只在预览中可见",
      errors: (n) => `${n} 处错误`, warnings: (n) => `${n} 条提醒`, more: (n) => `还有 ${n} 条`,
      stale: (n) => `有 ${n} 处错误，网站停在上一次正确的样子`, waiting: (n) => `有 ${n} 处错误，改正后这里会自动显示网站`,
      broken: (n) => `有 ${n} 处错误，改正后这一页会自动显示`, advice: (n) => `有 ${n} 条提醒，不影响网站显示`,
      changed: "刚刚改动：", open: "打开", others: (n) => `还有 ${n} 篇`, moved: "这一页已移到：", gone: "这一页不在了：",
    },
    en: {
      preview: "Preview", home: "Preview home", edit: "Edit this page", openInEditor: "Open in VS Code", help: "Help: ", close: "Close", minimise: "Minimise",
      edition: (n) => `Edition ${n}`, lost: "Preview lost, reconnecting…", onlyHere: "visible in the preview only",
      errors: (n) => many(n, "error"), warnings: (n) => many(n, "warning"), more: (n) => `and ${n} more`,
      stale: (n) => `${many(n, "error")}: the site stays as it was when it was last right`,
      waiting: (n) => `${many(n, "error")}: mend them, and the site appears here by itself`,
      broken: (n) => `${many(n, "error")}: mend them, and this page appears by itself`,
      advice: (n) => `${many(n, "warning")}: the site is shown all the same`,
      changed: "Just changed: ", open: "open", others: (n) => `and ${n} more`, moved: "This page has moved to: ", gone: "This page is gone: ",
    },
  };
  const many = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;

  const FRONT = "/__preview/";
  const SCRIPT = `script[src="${FRONT}client.js"]`;
  const first_retry_ms = 100, last_retry_ms = 1000, patience_ms = 1500, notice_ms = 12_000, highlight_ms = 1600, reload_pause_ms = 1000;
  const MOST_DRAWN = 50, MOST_LINKS = 3;

  const own = document.currentScript;
  const language = own.dataset.lang === "en" ? "en" : "zh";
  const say = texts[language];
  const isFront = location.pathname === FRONT;
  // An editor's address opens a file of the server's machine, so it is of use on that machine only.
  const isSameMachine = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);

  /** The path that an address means, written in one way. */
  function pathOf(url) {
    const { origin, pathname } = new URL(url, location.href);
    const path = pathname.replace(/\/index\.html$/, "/");
    if (origin !== location.origin) return null;
    try { return decodeURIComponent(path); } catch { return path; }
  }
  const here = () => pathOf(location.href);

  // Storage may be forbidden; the preview then forgets between pages.
  function store(key, value) { try { sessionStorage.setItem(`xinfeng-preview-${key}`, JSON.stringify(value)); } catch { /* forgotten */ } }
  function stored(key) { try { return JSON.parse(sessionStorage.getItem(`xinfeng-preview-${key}`)); } catch { return null; } }

  // ---- The connection. A hidden tab has none: a browser opens no more than six to one server.

  let state = null;
  let stream = null, retry = 0, retry_ms = first_retry_ms, losing = 0;

  function connect() {
    disconnect();
    // The front page is drawn in the language of its address.
    const path = location.pathname + (isFront ? location.search : "");
    const query = new URLSearchParams({ path, hash: displayed, since: state?.edition ?? "" });
    stream = new EventSource(`${FRONT}events?${query}`);
    stream.addEventListener("open", connected);
    stream.addEventListener("state", (event) => receive(JSON.parse(event.data)));
    stream.addEventListener("error", lost);
  }
  function disconnect() {
    stream?.close();
    stream = null;
    clearTimeout(retry);
    host.removeAttribute("data-connected");
  }
  function connected() {
    retry_ms = first_retry_ms;
    forgiveLoss();
    host.setAttribute("data-connected", "");
  }
  // Browsers wait for seconds before they try again, and some give up: the retries are our own.
  function lost() {
    disconnect();
    retry = setTimeout(connect, retry_ms);
    retry_ms = Math.min(retry_ms * 1.6, last_retry_ms);
    losing ||= setTimeout(() => { parts.lost.textContent = say.lost; }, patience_ms);
  }
  function forgiveLoss() {
    clearTimeout(losing);
    losing = 0;
    parts.lost.textContent = "";
  }
  function followVisibility() {
    if (document.hidden) {
      disconnect();
      forgiveLoss();
    } else if (!stream) {
      connect();
    }
  }

  /** Takes in what the server says. The page comes first: somebody is waiting to see the edit. */
  function receive(told) {
    state = told;
    const others = state.changes.filter((change) => pathOf(change.url) !== here());
    const isOwnChange = others.length < state.changes.length;
    if (state.follow && others.length > 0 && !isOwnChange) return jump(others[0]);
    if (state.page.hash !== displayed) block = state.block ?? block;
    catchUp();
    for (const url of state.resources) renewed.set(pathOf(url), state.edition);
    if (state.resources.length > 0) renewResources();
    drawState();
    if (!isOwnChange && !isFront) tellChanges(others.filter((change) => change.url !== state.page.moved?.url), state.untold);
  }

  // ---- Following the page

  let displayed = own.dataset.hash;
  // The source of what is displayed, as it was before any script ran: changes are what differs between two sources,
  // so that whatever the theme's scripts did to the page stays.
  let pristine = null;
  let isBusy = false, isLeaving = false, answered = "";
  let block = arrivedBlock(); // to be shown as soon as the page has it

  const question = () => state && `${state.server} ${state.edition}`;
  // What was fetched for an edition is not asked for again, even if the server calls it by another hash.
  const isBehind = () => !isLeaving && (!pristine || (state && state.page.hash !== displayed && answered !== question()));

  /** Fetches and patches until the page is what the newest event says; never two at once. */
  async function catchUp() {
    if (isBusy) return;
    isBusy = true;
    try {
      while (isBehind()) {
        const asked = question();
        take(await fetchSource());
        answered = asked;
      }
    } catch {
      // The server is away. The next connection asks again, or this one if it lives.
      setTimeout(catchUp, last_retry_ms);
    }
    isBusy = false;
  }
  async function fetchSource() {
    const response = await fetch(location.href, { cache: "no-store" });
    const isPage = !response.redirected && /^text\/html/.test(response.headers.get("content-type"));
    return isPage ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
  }
  function take(fresh) {
    const hash = fresh?.querySelector(SCRIPT)?.dataset.hash;
    if (!hash) return reload();
    if (hash !== displayed) {
      // Without the old source nobody knows what the scripts did and what the file.
      if (!pristine) return reload();
      try { patchPage(fresh); } catch { return reload(); }
      displayed = hash;
      host.setAttribute("data-hash", hash);
      renewResources();
      markLinks();
      document.dispatchEvent(new CustomEvent("xinfeng:patched"));
    }
    pristine ??= fresh;
    if (block) showBlock(block);
    block = null;
  }
  /** The way out wherever patching cannot be right. The browser keeps the scroll position. */
  function reload() {
    if (isLeaving) return;
    isLeaving = true;
    store("jump", { path: here(), block });
    // A page that differs at every request must not spin.
    const wait_ms = (stored("reloaded") ?? 0) + reload_pause_ms - Date.now();
    setTimeout(() => {
      store("reloaded", Date.now());
      location.reload();
    }, Math.min(Math.max(wait_ms, 0), reload_pause_ms));
  }

  // ---- Patching. `before` and `after` are nodes of the old and the new source, `live` the node of the page that belongs
  // to `before`. Each step brings both `live` and `before` to what `after` says.

  function patchPage(fresh) {
    // Checked first, so that nothing is half done: what a script has set up cannot be taken back.
    if (unpatchable(pristine) !== unpatchable(fresh)) throw new Error("a script changed");
    const keepPlace = holdPlace();
    patchNode(pristine.body, fresh.body, document.body);
    patchNode(pristine.head, fresh.head, document.head);
    patchAttributes(pristine.documentElement, fresh.documentElement, document.documentElement);
    keepPlace();
  }
  function unpatchable(source) {
    const isRun = (script) => !script.matches(SCRIPT) && /^$|javascript|module|importmap|speculationrules/.test(script.type);
    const scripts = [...source.scripts].filter(isRun).map((script) => script.outerHTML);
    return scripts.concat([...source.querySelectorAll("template")].map((template) => template.innerHTML)).join("\n");
  }
  function patchNode(before, after, live) {
    if (before.isEqualNode(after)) return;
    if (!live) throw new Error("a script took this node away");
    if (before.nodeType !== Node.ELEMENT_NODE) return patchText(before, after, live);
    if (isStylesheet(before)) swapStylesheet(live, after);
    const isMedia = live instanceof HTMLMediaElement && before.innerHTML !== after.innerHTML;
    patchAttributes(before, after, isStylesheet(before) ? null : live);
    // Where scripts run, <noscript> holds text that nobody sees.
    if (before.localName === "noscript") before.replaceChildren(...after.childNodes);
    else patchChildren(before, after, live);
    if (isMedia) live.load();
  }
  /** Replaces only what differs, so that a selection in the rest of the text stays. */
  function patchText(before, after, live) {
    const [from, to] = [before.data, after.data];
    let start = 0, end = 0;
    while (start < Math.min(from.length, to.length) && from[start] === to[start]) start++;
    while (end < Math.min(from.length, to.length) - start && from.at(-1 - end) === to.at(-1 - end)) end++;
    if (live.data === from) live.replaceData(start, from.length - start - end, to.slice(start, to.length - end));
    else live.data = to;
    before.data = to;
  }
  function patchAttributes(before, after, live) {
    for (const { name, namespaceURI, value } of after.attributes) {
      if (before.getAttribute(name) === value) continue;
      if (name === "class" && live && live.getAttribute("class") !== before.getAttribute("class")) {
        live.classList.remove(...before.classList);
        live.classList.add(...after.classList);
      } else {
        live?.setAttributeNS(namespaceURI, name, value);
      }
      before.setAttributeNS(namespaceURI, name, value);
    }
    for (const { name } of [...before.attributes]) {
      if (after.hasAttribute(name)) continue;
      if (name === "class") live?.classList.remove(...before.classList);
      if (name !== "class" || !live?.classList.length) live?.removeAttribute(name);
      before.removeAttribute(name);
    }
  }
  function patchChildren(before, after, live) {
    const [old, fresh] = [[...before.childNodes], [...after.childNodes]];
    const kept = align(old, fresh), shown = align(old, [...live.childNodes]);
    for (const node of old.filter((node) => !kept.has(node))) {
      // A script may have moved it elsewhere on the page, where it would stay.
      if (!shown.has(node) && !isBlank(node)) throw new Error("a script took this node away");
      shown.get(node)?.remove();
    }
    const known = new Map([...kept].map(([old, fresh]) => [fresh, old]));
    const last = [...kept.keys()].map((node) => shown.get(node)).findLast(Boolean);
    let next = null;
    for (const node of fresh.toReversed()) {
      if (known.has(node)) {
        const place = shown.get(known.get(node));
        patchNode(known.get(node), node, place);
        next = place ?? next;
      } else {
        const made = document.importNode(node, true);
        // What scripts have put at the end stays at the end.
        if (next) next.before(made); else if (last) last.after(made); else live.append(made);
        next = made;
      }
    }
    if (known.size < old.length || known.size < fresh.length) before.replaceChildren(...fresh.map((node) => known.get(node) ?? node));
  }
  const isBlank = (node) => node.nodeType === Node.TEXT_NODE && !/\S/.test(node.data);
  const isStylesheet = (node) => node.localName === "link" && node.relList.contains("stylesheet");

  /** The old sheet goes when the new one has come: in between the page would be naked. */
  function swapStylesheet(live, after) {
    const next = document.importNode(after);
    for (const event of ["load", "error"]) next.addEventListener(event, () => live.remove(), { once: true });
    live.after(next);
  }
  /** Chromium and Firefox keep what is read in its place when something above it grows; for others it is done here. */
  function holdPlace() {
    if (CSS.supports("overflow-anchor", "auto") || scrollY === 0) return () => {};
    const seen = document.elementsFromPoint(innerWidth / 2, innerHeight / 3).find((element) => element !== host);
    const top = seen?.getBoundingClientRect().top;
    return () => seen?.isConnected && scrollBy({ top: seen.getBoundingClientRect().top - top, behavior: "instant" });
  }

  // ---- Alignment: which child of one parent is which child of the other. Both keep their order.

  const SURE = 6, MOST_COMPARED = 250_000;

  function align(left, right) {
    const pairs = [];
    // Nearly always all but one are equal, which the browser itself sees fastest.
    [left, right] = trim(left, right, pairs, (one, other) => one.isEqualNode(other));
    const isSure = (one, other) => likeness(one, other) >= (one.kind === "blank" ? 1 : SURE);
    const said = [];
    const [a, b] = trim(left.map(traits), right.map(traits), said, isSure);
    for (const [one, other] of said.concat(alignMiddle(a, b))) pairs.push([one.node, other.node]);
    return new Map(pairs);
  }
  /** Pairs what is the same at both ends; returns what lies between. */
  function trim(left, right, pairs, isSame) {
    let start = 0, [endLeft, endRight] = [left.length, right.length];
    for (; start < endLeft && start < endRight && isSame(left[start], right[start]); start++) pairs.push([left[start], right[start]]);
    // Of one on each side it is known already that they differ.
    const isOneEach = () => endLeft === start + 1 && endRight === start + 1;
    while (endLeft > start && endRight > start && !isOneEach() && isSame(left[endLeft - 1], right[endRight - 1])) pairs.push([left[--endLeft], right[--endRight]]);
    return [left.slice(start, endLeft), right.slice(start, endRight)];
  }
  /** The pairing with the greatest likeness in all: the longest common subsequence, with weights. */
  function alignMiddle(a, b) {
    const pairs = [];
    if (a.length * b.length > MOST_COMPARED) {
      a.forEach((one, i) => b[i] && likeness(one, b[i]) > 0 && pairs.push([one, b[i]]));
      return pairs;
    }
    const width = b.length + 1;
    const like = new Uint8Array(a.length * width), best = new Uint32Array((a.length + 1) * width);
    for (let i = a.length - 1; i >= 0; i--) {
      for (let j = b.length - 1; j >= 0; j--) {
        const at = i * width + j;
        like[at] = likeness(a[i], b[j]);
        best[at] = Math.max(best[at + width], best[at + 1], like[at] && like[at] + best[at + width + 1]);
      }
    }
    for (let i = 0, j = 0; i < a.length && j < b.length; ) {
      const at = i * width + j;
      if (like[at] && best[at] === like[at] + best[at + width + 1]) pairs.push([a[i++], b[j++]]);
      else if (best[at] === best[at + width]) i++;
      else j++;
    }
    return pairs;
  }
  /** What tells a node from its siblings. */
  function traits(node) {
    if (node.nodeType !== Node.ELEMENT_NODE) return { node, kind: isBlank(node) ? "blank" : node.nodeName, text: node.data, key: "", className: "" };
    const attribute = (name) => node.getAttribute(name) ?? "";
    const isNamed = /^(meta|link|script|input)$/.test(node.localName);
    const kind = [node.nodeName, ...(isNamed ? ["rel", "name", "property", "type"].map(attribute) : [])].join(" ");
    const key = node.id || attribute("src") || attribute("href");
    return { node, kind, text: node.textContent, key: key.replace(/\?preview=\d+/, ""), className: attribute("class") };
  }
  /** 0 for what never belongs together. */
  function likeness(a, b) {
    if (a.kind !== b.kind) return 0;
    const isSameText = a.text === b.text;
    if (a.kind === "blank") return 1;
    if (a.node.nodeType !== Node.ELEMENT_NODE) return isSameText ? SURE : 1;
    const said = isSameText && /\S/.test(a.text) ? SURE : 0;
    const named = a.key !== "" && a.key === b.key ? SURE : 0;
    const equal = isSameText && a.node.isEqualNode(b.node) ? SURE : 0;
    return 1 + said + named + equal + (a.className === b.className ? 1 : 0);
  }

  // ---- Files that pages show: pictures, films, sheets

  const renewed = new Map(); // path -> the edition that changed it

  function renewResources() {
    if (renewed.size === 0) return;
    for (const script of document.scripts) if (script.src && renewed.has(pathOf(script.src))) return reload();
    for (const element of document.querySelectorAll("img, source, video, audio, track, link, input[src], embed, iframe")) {
      for (const name of ["src", "href", "poster", "srcset"]) renewAttribute(element, name);
    }
  }
  function renewAttribute(element, name) {
    const old = element.getAttribute(name);
    if (!old) return;
    const renew = (url) => {
      const edition = renewed.get(pathOf(url));
      return edition === undefined ? url : url.replace(/([?].*?)?(#.*)?$/, (_, query, fragment = "") => `?preview=${edition}${fragment}`);
    };
    const value = name === "srcset" ? old.replace(/[^\s,]\S*[^\s,]/g, renew) : renew(old);
    if (value === old) return;
    if (isStylesheet(element)) {
      const next = element.cloneNode();
      next.setAttribute(name, value);
      return swapStylesheet(element, next);
    }
    element.setAttribute(name, value);
    if (element.parentNode instanceof HTMLMediaElement) element.parentNode.load();
  }

  // ---- The block that was edited

  function jump(change) {
    rememberJump(change);
    location.assign(change.url);
  }
  function rememberJump({ url, block }) { store("jump", { path: pathOf(url), block }); }
  function arrivedBlock() {
    const jumped = stored("jump");
    store("jump", null);
    return jumped?.path === here() ? jumped.block : null;
  }
  function showBlock({ html, nth }) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const wanted = template.content.firstElementChild;
    if (!wanted) return;
    const same = [...pristine.body.getElementsByTagName(wanted.localName)].filter((element) => element.isEqualNode(wanted));
    let element = same.length > 0 ? liveOf(same[nth] ?? same.at(-1)) : null;
    while (element && element.getClientRects().length === 0) element = element.parentElement;
    if (!element) return;
    bringIntoView(element);
    keepInView(element, highlight(element));
  }
  function liveOf(node) {
    if (node === pristine.body) return document.body;
    const parent = liveOf(node.parentNode);
    return parent && align([...node.parentNode.childNodes], [...parent.childNodes]).get(node);
  }
  function bringIntoView(element) {
    const { top, bottom, height } = element.getBoundingClientRect();
    const seen = Math.min(bottom, innerHeight) - Math.max(top, 0);
    if (seen >= Math.min(height, innerHeight / 2)) return;
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
    element.scrollIntoView({ block: height > innerHeight ? "start" : "center", behavior });
  }
  /** Pictures that come late push the text away. It is followed until the signal, or until somebody scrolls. */
  function keepInView(element, over) {
    const taken = new AbortController();
    const signal = AbortSignal.any([over, taken.signal]);
    for (const event of ["wheel", "touchmove", "pointerdown", "keydown"]) addEventListener(event, () => taken.abort(), { signal, passive: true });
    addEventListener("load", () => bringIntoView(element), { signal });
    document.addEventListener("scrollend", () => bringIntoView(element), { signal });
  }
  /** A box over the element that goes where it goes; the element itself stays as it is. Gives a signal when it is over. */
  function highlight(element) {
    const box = make("div", { class: "highlight" });
    const over = new AbortController();
    const end = performance.now() + highlight_ms;
    const follow = () => {
      if (performance.now() > end || !element.isConnected) return box.remove(), over.abort();
      const { left, top, width, height } = element.getBoundingClientRect();
      Object.assign(box.style, { left: `${left - 6}px`, top: `${top - 4}px`, width: `${width + 12}px`, height: `${height + 8}px` });
      requestAnimationFrame(follow);
    };
    parts.highlights.replaceChildren(box);
    follow();
    return over.signal;
  }

  // ---- Links to pages that nobody else sees yet

  function markLinks() {
    // The front page has badges of its own.
    if (isFront) return;
    const marks = new Map((state?.marks ?? []).map((mark) => [pathOf(mark.url), mark.text]));
    // The page's own badge says it once; its links to its own headings need not.
    marks.delete(here());
    if (marks.size === 0 && !document.querySelector("[data-xinfeng-mark]")) return;
    for (const link of document.links) {
      // A picture's link stands beside one of words.
      const text = /\S/.test(link.textContent) ? marks.get(pathOf(link.href)) : undefined;
      if (text === undefined) link.removeAttribute("data-xinfeng-mark");
      else if (link.dataset.xinfengMark !== text) link.dataset.xinfengMark = text;
    }
  }

  // ---- What the preview shows itself

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") element.addEventListener(name, value);
      else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }
  /** Draws a part anew only if what it says has changed: whoever reads or clicks there is not disturbed. */
  function draw(part, said, build) {
    const key = JSON.stringify(said);
    if (part.said === key) return;
    part.said = key;
    part.replaceChildren(...build());
  }
  function drawState() {
    host.setAttribute("data-edition", state.edition);
    host.setAttribute("data-errors", count("error"));
    markLinks();
    drawBadges();
    drawCorner();
    drawFate();
    drawProblems();
  }
  function drawBadges() {
    const badges = state.page.badges ?? [];
    const told = [...badges.map(({ text }) => text), say.onlyHere].join(" · ");
    draw(parts.badges, badges, () => badges.length > 0 ? [make("p", {}, told)] : []);
  }
  function drawCorner() {
    const { source } = state.page;
    draw(parts.bar, [source, state.edition], () => [
      source && !isFront && (isSameMachine ? make("a", { href: source.editor, title: `${say.openInEditor}：${source.file}` }, say.edit) : make("span", {}, source.file)),
      isFront ? null : make("a", { href: FRONT }, say.home),
      make("span", { class: "dot", role: "img", "aria-label": say.edition(state.edition), title: say.edition(state.edition) }),
    ].filter(Boolean));
  }
  function drawFate() {
    const { moved, gone } = state.page;
    const dismiss = () => parts.fate.replaceChildren();
    draw(parts.fate, [moved, gone], () => {
      if (moved) return [notice(dismiss, make("p", {}, say.moved, make("a", { href: moved.url }, moved.title)))];
      return gone ? [notice(dismiss, make("p", {}, say.gone, gone), make("p", {}, make("a", { href: FRONT }, say.home)))] : [];
    });
  }
  function notice(dismiss, ...children) {
    return make("div", { class: "notice" }, make("div", {}, ...children), make("button", { type: "button", class: "close", "aria-label": say.close, click: dismiss }, "×"));
  }

  let noticed = [], untold = 0, noticeTimer = 0;
  function tellChanges(changes, more) {
    if (changes.length === 0) return;
    untold += more;
    const urls = changes.map((change) => change.url);
    noticed = [...changes, ...noticed.filter((known) => !urls.includes(known.url))];
    const link = (change) => make("li", {}, make("a", { href: change.url, click: () => rememberJump(change) }, `${change.title} → ${say.open}`));
    const rest = noticed.length - MOST_LINKS + untold;
    const list = make("ul", {}, ...noticed.slice(0, MOST_LINKS).map(link), rest > 0 ? make("li", {}, say.others(rest)) : null);
    const told = notice(forgetChanges, make("p", {}, say.changed), list);
    // It waits while somebody is about to use it.
    for (const event of ["pointerenter", "focusin"]) told.addEventListener(event, () => clearTimeout(noticeTimer));
    for (const event of ["pointerleave", "focusout"]) told.addEventListener(event, keepChanges);
    parts.changes.replaceChildren(told);
    keepChanges();
  }
  function keepChanges() {
    clearTimeout(noticeTimer);
    noticeTimer = setTimeout(forgetChanges, notice_ms);
  }
  function forgetChanges() {
    clearTimeout(noticeTimer);
    noticed = [];
    untold = 0;
    parts.changes.replaceChildren();
  }

  // ---- Errors and warnings: one panel for both, and a pill for each in the corner

  const problems = (severity) => (state?.diagnostics ?? []).filter((told) => told.severity === severity);
  // Of very many problems, the server tells the first ones and the number of all.
  const count = (severity) => state?.counts[severity] ?? 0;
  let errorSet = null;
  let minimised = stored("minimised"); // the set of errors that somebody has put away, on this page or on the one before
  let areWarningsOpen = false;

  function openPanel() {
    if (areWarningsOpen && problems("warning").length > 0) return "warning";
    return errorSet && errorSet !== minimised ? "error" : null;
  }
  function drawProblems() {
    // Lines are left out: an error that merely moves is no news.
    const set = problems("error").map((told) => `${told.code} ${told.file} ${told.message}`).sort().join("\n");
    if (set !== errorSet && set !== minimised) {
      if (set !== "") areWarningsOpen = false;
      // The front page lists them itself.
      if (isFront) minimised = set; else rememberMinimised(null);
    }
    errorSet = set;
    drawPanel();
  }
  function rememberMinimised(set) {
    minimised = set;
    store("minimised", set);
  }
  function drawPanel() {
    const [open, errors, warnings] = [openPanel(), problems("error"), problems("warning")];
    draw(parts.pills, [open, count("error"), count("warning")], () => [
      errors.length > 0 && open !== "error" && pill("error", say.errors(count("error"))),
      warnings.length > 0 && open !== "warning" && pill("warning", say.warnings(count("warning"))),
    ].filter(Boolean));
    parts.panel.hidden = open === null;
    if (open === null) return;
    const told = open === "error" ? errors : [...warnings].sort((a, b) => isOfThisPage(b) - isOfThisPage(a));
    const hidden = count(open) - Math.min(told.length, MOST_DRAWN);
    const hadFocus = parts.panel.contains(shadow.activeElement);
    parts.panel.className = `panel ${open}`;
    draw(parts.panel, [headline(open), told], () => [
      make("header", {},
        make("h2", { id: "headline" }, headline(open)),
        make("button", { type: "button", class: "plain", "aria-keyshortcuts": "Escape", click: minimise }, say.minimise)),
      make("div", { class: "scroll" },
        make("ol", {}, ...told.slice(0, MOST_DRAWN).map(drawDiagnostic)),
        hidden > 0 ? make("p", { class: "more" }, say.more(hidden)) : null),
    ]);
    if (hadFocus && !parts.panel.contains(shadow.activeElement)) parts.panel.focus();
  }
  const isOfThisPage = (told) => Number(told.file === state.page.source?.file);
  function headline(severity) {
    if (severity === "warning") return say.advice(count(severity));
    if (state.page.status === 503) return say.waiting(count(severity));
    return state.stale ? say.stale(count(severity)) : say.broken(count(severity));
  }
  function pill(severity, text) {
    const open = () => {
      areWarningsOpen = severity === "warning";
      if (!areWarningsOpen) rememberMinimised(null);
      drawPanel();
      parts.panel.focus();
    };
    return make("button", { type: "button", class: `pill ${severity}`, click: open }, text);
  }
  function minimise() {
    const open = openPanel(), hadFocus = parts.panel.contains(shadow.activeElement);
    if (open === "warning") areWarningsOpen = false;
    else rememberMinimised(errorSet);
    drawPanel();
    if (hadFocus) parts.pills.querySelector(`.${open}`)?.focus();
  }
  function onKey(event) {
    // Escape belongs to the page's own dialog first, and to an input method.
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || document.querySelector("dialog:modal")) return;
    if (openPanel()) minimise();
  }
  function drawDiagnostic(told) {
    const place = `${told.file}:${told.line}`;
    const link = isSameMachine && told.editor ? make("a", { href: told.editor, title: say.openInEditor }, place) : make("span", {}, place);
    // The panel says the message above the drawing.
    const lines = told.drawing.split("\n");
    const drawing = lines.length > 1 && lines[0].includes(told.message) ? lines.slice(1).join("\n") : told.drawing;
    return make("li", {},
      make("p", { class: "message" }, told.message),
      make("p", { class: "place" }, told.file ? link : "", " ", make("code", {}, told.code)),
      drawing === told.message ? null : make("pre", { tabindex: "0", "aria-label": place }, ...cells(drawing)),
      ...told.help.map((help) => make("p", { class: "help" }, say.help, help)));
  }
  /**
   * The drawing counts columns as terminals do: a full-width character takes two, quotes and lines take one. No font of
   * every system agrees, so each character that is not plain gets a box of its own.
   */
  function cells(drawing) {
    return drawing.split(/([^\x00-\x7f][\p{M}\u200d\ufe0f]*)/u).filter(Boolean).map((part) =>
      /^[\x00-\x7f]/.test(part) ? part : make("i", { class: isWide(part) ? "wide" : null }, part));
  }
  const isWide = (character) =>
    /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{1b000}-\u{3fffd}]|\p{Emoji_Presentation}/u.test(character);

  const style = `
    :host { all: initial !important; }
    @media print { :host { display: none !important; } }
    * { box-sizing: border-box; margin: 0; padding: 0; }
    [hidden] { display: none !important; }
    .preview { color: #1c2128; font: 14px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
    .preview > * { z-index: 2147483000; }
    a { color: #0b4f9c; text-underline-offset: .2em; overflow-wrap: anywhere; }
    a:hover { color: #06336b; }
    button { font: inherit; cursor: pointer; }
    :focus-visible { outline: 3px solid #0b4f9c; outline-offset: 2px; border-radius: 3px; }
    ol, ul { list-style: none; }
    .badges { position: fixed; top: 8px; left: 0; right: 0; display: flex; justify-content: center; pointer-events: none; }
    .badges p { max-width: calc(100vw - 24px); padding: 3px 14px; border-radius: 18px; text-align: center; word-break: keep-all; background: #6b4400; color: #fff; box-shadow: 0 0 0 1px #fff, 0 2px 8px rgb(0 0 0 / 20%); }
    .dock { position: fixed; inset: auto 12px 12px; display: flex; justify-content: space-between; align-items: flex-end; gap: 10px; pointer-events: none; }
    .dock > * { display: flex; flex-direction: column; gap: 8px; min-width: 0; }
    .notice, .pill, .bar { pointer-events: auto; }
    .corner { align-items: flex-end; margin-left: auto; }
    .bar { display: flex; align-items: center; gap: 4px 14px; padding: 4px 12px; border: 1px solid #c3c9d1; border-radius: 6px; background: #fff; color: #4a525d; font-size: 13px; }
    .bar a { color: #4a525d; text-decoration: none; white-space: nowrap; }
    .bar a:hover { color: #0b4f9c; text-decoration: underline; }
    .bar span { overflow-wrap: anywhere; }
    .dot { flex: none; width: 8px; height: 8px; border-radius: 50%; background: #8b939e; }
    :host([data-connected]) .dot { background: #1a7f45; }
    .pills { display: flex; flex-direction: column; align-items: flex-end; gap: 8px; }
    .pill { padding: 4px 14px; border: 0; border-radius: 99px; color: #fff; box-shadow: 0 0 0 1px #fff, 0 2px 8px rgb(0 0 0 / 20%); }
    .pill.error { background: #a8201a; font-weight: 600; }
    .pill.warning { background: #7d5200; }
    .lost { color: #4a525d; background: #fff; border-radius: 6px; }
    .lost:not(:empty) { margin-top: 8px; padding: 4px 12px; border: 1px solid #c3c9d1; font-size: 13px; }
    .notice { display: flex; gap: 12px; max-width: 380px; padding: 10px 8px 10px 16px; border: 1px solid #c3c9d1; border-left: 4px solid #0b4f9c; border-radius: 6px; background: #fff; box-shadow: 0 4px 16px rgb(0 0 0 / 14%); }
    .notice > div { flex: 1; min-width: 0; overflow-wrap: anywhere; }
    .close { flex: none; align-self: flex-start; width: 28px; height: 28px; margin-top: -3px; border: 0; border-radius: 4px; background: none; color: #4a525d; font-size: 20px; line-height: 1; }
    .close:hover, .plain:hover { background: #eef0f3; }
    .panel { position: fixed; top: 9vh; left: 0; right: 0; width: min(820px, 100vw - 48px); max-height: 74vh; margin: auto; display: flex; flex-direction: column; border: 1px solid #c3c9d1; border-top: 4px solid #a8201a; border-radius: 6px; background: #fff; box-shadow: 0 12px 40px rgb(0 0 0 / 28%); }
    .panel.warning { border-top-color: #c77d00; }
    .panel:focus { outline: 0; }
    .panel header { display: flex; align-items: flex-start; justify-content: space-between; gap: 16px; padding: 14px 20px; border-bottom: 1px solid #d7dbe0; }
    .panel h2 { font-size: 17px; line-height: 1.5; }
    .panel.error h2 { color: #a8201a; }
    .panel.warning h2 { color: #6b4400; }
    .plain { flex: none; padding: 1px 12px; border: 1px solid #c3c9d1; border-radius: 4px; background: #fff; color: #1c2128; }
    .scroll { overflow: auto; overscroll-behavior: contain; padding: 0 20px 16px; }
    .scroll li { padding: 14px 0; }
    .scroll li + li { border-top: 1px solid #d7dbe0; }
    .message { font-weight: 600; overflow-wrap: anywhere; }
    .help { margin-top: 6px; overflow-wrap: anywhere; }
    .place, .more { font-size: 13px; color: #4a525d; }
    .place code { margin-left: 8px; font: 12px/1.6 Consolas, Menlo, monospace; }
    .more { padding-top: 12px; border-top: 1px solid #d7dbe0; }
    pre { margin-top: 8px; padding: 10px 14px; overflow-x: auto; border-radius: 4px; background: #f3f4f6; font: 13px/1.6 "Sarasa Mono SC", Consolas, Menlo, "DejaVu Sans Mono", "Liberation Mono", "Noto Sans Mono CJK SC", NSimSun, monospace; tab-size: 4; }
    i { display: inline-block; width: 1ch; height: 1.6em; vertical-align: top; font-style: normal; white-space: pre; }
    i.wide { width: 2ch; }
    .highlight { position: fixed; border: 2px solid #c77d00; border-radius: 4px; background: rgb(255 196 77 / 16%); pointer-events: none; animation: fade 1.6s ease-in both; }
    @keyframes fade { 70% { opacity: 1; } 100% { opacity: 0; } }
    @media (prefers-reduced-motion: reduce) { .highlight { animation: none; } }
    @media (max-width: 640px) {
      .dock { flex-direction: column; align-items: stretch; }
      .notice { max-width: none; }
      .panel { inset: auto 0 0; width: 100%; max-height: 82vh; border-radius: 6px 6px 0 0; border-inline: 0; }
      .panel header, .scroll { padding-inline: 14px; }
    }
  `;
  // The one thing that stands among the page's own: badges behind links.
  const markStyle = `@media screen { a[data-xinfeng-mark]::after {
    content: attr(data-xinfeng-mark); display: inline-block; margin-inline-start: .5em; padding: 0 .5em; border-radius: 3px; background: #fdf0d5;
    color: #6b4400; font: 600 12px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; vertical-align: .1em; white-space: nowrap; text-indent: 0; } }`;

  // ---- The start

  const host = make("xinfeng-preview", { "data-hash": displayed, "data-errors": 0 });
  const shadow = host.attachShadow({ mode: "open" });
  const parts = {
    badges: make("div", { class: "badges" }),
    highlights: make("div", { "aria-hidden": "true" }),
    changes: make("div"), fate: make("div"),
    lost: make("p", { class: "lost" }),
    pills: make("div", { class: "pills" }),
    bar: make("nav", { class: "bar", "aria-label": say.preview }),
    panel: make("section", { class: "panel", role: "dialog", "aria-modal": "false", "aria-labelledby": "headline", tabindex: "-1", hidden: true }),
  };
  // Sheets that are made by script need no leave from a page's security policy.
  const sheet = (text) => {
    const made = new CSSStyleSheet();
    made.replaceSync(text);
    return made;
  };
  shadow.adoptedStyleSheets = [sheet(style)];
  document.adoptedStyleSheets.push(sheet(markStyle));
  shadow.append(make("div", { class: "preview", lang: language === "zh" ? "zh-Hans" : "en" },
    parts.highlights, parts.badges,
    make("div", { class: "dock" },
      make("div", { class: "notices", "aria-live": "polite" }, parts.fate, parts.changes),
      make("div", { class: "corner" }, make("div", { "aria-live": "polite" }, parts.pills, parts.lost), parts.bar)),
    parts.panel));
  // Behind <body>, so that the page's own content is what its file says.
  document.documentElement.append(host);

  document.addEventListener("keydown", onKey);
  document.addEventListener("visibilitychange", followVisibility);
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", (event) => event.persisted && followVisibility());
  followVisibility();
  (window.requestIdleCallback ?? setTimeout)(catchUp, { timeout: 500 });
})();
