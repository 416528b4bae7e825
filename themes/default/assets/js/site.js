// Xinfeng default theme: the reader's tools. Everything here is an addition; a page is complete without it.
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js");
  var all = function (selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); };

  // ---- Text size and contrast: attributes on <html>, remembered. Storage may be forbidden (private windows).
  var smallest = -1, largest = 3;
  function stored(key) { try { return localStorage.getItem("xinfeng-" + key); } catch (e) { return null; } }
  function store(key, value) { try { localStorage.setItem("xinfeng-" + key, value); } catch (e) { /* not remembered */ } }
  function disable(tool, yes) { all("[data-tool=" + tool + "]").forEach(function (b) { b.disabled = yes; }); }
  function press(tool, yes) { all("[data-tool=" + tool + "]").forEach(function (b) { b.setAttribute("aria-pressed", yes); }); }
  function setSize(wanted) {
    size = Math.max(smallest, Math.min(largest, wanted));
    root.setAttribute("data-size", size);
    disable("larger", size === largest);
    disable("smaller", size === smallest);
    press("elder", size === largest);
  }
  function setContrast(wanted) {
    contrast = wanted;
    root.toggleAttribute("data-contrast", contrast);
    press("contrast", contrast);
  }
  var size, contrast, chosen = stored("contrast");
  setSize(parseInt(stored("size"), 10) || 0);
  setContrast(chosen === null ? matchMedia("(prefers-contrast: more)").matches : chosen === "true");

  // ---- Copying the address; the old way where the clipboard API is missing (plain http, old WebViews).
  function copy(text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    return new Promise(function (done, failed) {
      var area = document.createElement("textarea");
      area.value = text;
      area.setAttribute("readonly", "");
      area.className = "sr";
      document.body.appendChild(area);
      area.select();
      var ok = false;
      try { ok = document.execCommand("copy"); } catch (e) { ok = false; }
      area.remove();
      if (ok) done(); else failed();
    });
  }
  function say(button, text) {
    var output = button.closest("[data-tools]") && button.closest("[data-tools]").querySelector("output");
    if (!output) return;
    output.textContent = text;
    setTimeout(function () { output.textContent = ""; }, 4000);
  }
  function close(button) {
    // A script may close only a window that a script opened; otherwise go back, or to the page above.
    window.close();
    setTimeout(function () {
      if (window.closed) return;
      if (history.length > 1) history.back(); else location.href = button.getAttribute("data-home") || "/";
    }, 120);
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest("[data-tool]");
    if (!button) return;
    var tool = button.getAttribute("data-tool");
    if (tool === "larger") setSize(size + 1);
    else if (tool === "smaller") setSize(size - 1);
    else if (tool === "elder") setSize(size === largest ? 0 : largest);
    else if (tool === "contrast") { setContrast(!contrast); store("contrast", contrast); }
    else if (tool === "print") window.print();
    else if (tool === "close") close(button);
    else if (tool === "copy") copy(button.getAttribute("data-url") || location.href).then(
      function () { say(button, button.getAttribute("data-done") || "网址已复制"); },
      function () { window.prompt(button.textContent.trim(), location.href); });
    if (/larger|smaller|elder/.test(tool)) store("size", size);
  });

  // ---- Recruitment: the status at this very moment, from the dates that the page carries.
  var names = { upcoming: "未开始", open: "报名中", closing: "即将截止", full: "已满", closed: "已截止", serving: "服务中", finished: "已结束" };
  var day = 86400000;
  function time(element, name) { var v = Date.parse(element.getAttribute("data-" + name) || ""); return isNaN(v) ? null : v; }
  // Days on the site's calendar, not the visitor's: the dates carry the site's offset.
  function dayOf(moment, offset) { return Math.floor((moment + offset) / day); }
  function daysLeft(now, element) {
    var text = element.getAttribute("data-deadline") || "", zone = /([+-])(\d\d):(\d\d)$/.exec(text);
    var offset = zone ? (zone[1] + 1) * (zone[2] * 60 + +zone[3]) * 60000 : 0;
    return dayOf(Date.parse(text), offset) - dayOf(now, offset);
  }
  function statusAt(now, e) {
    var open = time(e, "open"), deadline = time(e, "deadline"), start = time(e, "start"), end = time(e, "end");
    var recruited = parseInt(e.getAttribute("data-recruited"), 10), count = parseInt(e.getAttribute("data-count"), 10);
    if (end !== null && now > end) return "finished";
    if (start !== null && now >= start) return "serving";
    if (deadline !== null && now > deadline) return "closed";
    if (open !== null && now < open) return "upcoming";
    if (recruited >= count) return "full";
    if (deadline !== null && deadline - now <= 3 * day) return "closing";
    return "open";
  }
  function show(chip, status, text) {
    if (chip.getAttribute("data-status") === status) return;
    chip.setAttribute("data-status", status);
    chip.textContent = text;
  }
  // On the board, a card moves to the group of its status; a group that the page lacks is made at its place.
  var order = ["closing", "open", "upcoming", "full", "closed", "serving", "finished"];
  function regroup(card, status) {
    var group = card.closest("[data-group]");
    if (!group || group.getAttribute("data-group") === status) return;
    var other = document.querySelector('[data-group="' + status + '"]');
    if (!other) {
      other = group.cloneNode(true);
      other.setAttribute("data-group", status);
      other.querySelector("h2").textContent = names[status];
      other.querySelector("ul").textContent = "";
      var next = all("[data-group]").filter(function (g) { return order.indexOf(g.getAttribute("data-group")) > order.indexOf(status); })[0];
      group.parentNode.insertBefore(other, next || null);
    }
    other.querySelector("ul").appendChild(card);
  }
  function refresh() {
    var now = Date.now();
    all("[data-recruitment]").forEach(function (e) {
      var status = statusAt(now, e), can = status === "open" || status === "closing";
      all("[data-status]", e).forEach(function (chip) { show(chip, status, names[status]); });
      all("[data-days-left]", e).forEach(function (left) {
        var days = can ? daysLeft(now, e) : -1;
        left.textContent = days > 0 ? "还剩 " + days + " 天" : days === 0 ? "今天截止" : "";
      });
      all("[data-apply]", e).forEach(function (apply) { apply.hidden = !can; });
      regroup(e, status);
    });
    all("[data-group]").forEach(function (group) { group.hidden = !group.querySelector("[data-recruitment]"); });
    all("[data-publicity]").forEach(function (chip) {
      var start = time(chip, "start"), end = time(chip, "end");
      if (now < start) show(chip, "upcoming", "公示未开始");
      else if (now <= end) show(chip, "open", "公示中");
      else show(chip, "finished", "公示已结束");
    });
  }
  refresh();
  setInterval(refresh, 60000);
  window.addEventListener("pageshow", refresh);

  // ---- Leaving the site: ask first, where the site wants it.
  var site = root.getAttribute("data-confirm-external");
  if (site !== null && window.HTMLDialogElement) {
    var dialog = document.createElement("dialog");
    dialog.setAttribute("aria-labelledby", "leaving");
    dialog.innerHTML = '<p id="leaving"></p><p class="target"></p><div class="actions"><a class="btn plain" rel="external noopener">继续访问</a><button class="btn ghost" type="button">放弃</button></div>';
    dialog.querySelector("p").textContent = "您访问的链接即将离开“" + site + "”门户网站，是否继续？";
    document.body.appendChild(dialog);
    var go = dialog.querySelector("a");
    var shut = function () { dialog.close(); };
    dialog.querySelector("button").addEventListener("click", shut);
    go.addEventListener("click", function () { setTimeout(shut, 0); });
    document.addEventListener("click", function (event) {
      var link = event.target.closest && event.target.closest("a.external");
      if (!link || link === go || event.defaultPrevented || !/^https?:$/.test(link.protocol)) return;
      event.preventDefault();
      go.href = link.href;
      go.target = link.target || (event.ctrlKey || event.metaKey ? "_blank" : "");
      dialog.querySelector(".target").textContent = link.href;
      dialog.showModal();
    });
  }

  // ---- The current column stays in sight in the scrolling menu of a phone.
  var current = document.querySelector(".nav [aria-current]");
  if (current) {
    var strip = current.closest("ul");
    strip.scrollLeft = current.offsetLeft - strip.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
  }
})();
