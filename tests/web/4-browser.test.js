// The site in a browser, under a strict Content-Security-Policy, on a phone and on a desk: no errors, nothing
// wider than the screen, accessible (axe), and every tool does what its label says.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import jsQR from "jsqr";
import { PNG } from "pngjs";
import { launch, overflow, served, violations, visitor } from "./browser.js";
import { serve } from "./server.js";
import { asOf, base, none, pages, root, specimens, xinfeng } from "./site.js";

let server, browser;

/** Opens an address of the site as a fresh visitor, lets a check look at it, and closes it. */
async function visit(url, options, check) {
  const context = await visitor(browser, options);
  try {
    const page = await context.newPage();
    await page.goto(served(server.origin, url));
    await check(page, context);
  } finally {
    await context.close();
  }
}

const specimen = (kind) => specimens().find((page) => page.kind === kind) ?? assert.fail(`no page of kind ${kind}`);

/** One of the reader's tools. */
const tool = (page, name) => page.locator(`[data-tool="${name}"]`).first();

/** What goes wrong while a page loads; a policy's violation is an error of the console. */
function listen(page) {
  const problems = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(`script: ${error.message}`));
  page.on("response", (response) => response.status() >= 400 && problems.push(`${response.status()} ${response.url()}`));
  page.on("requestfailed", (request) => problems.push(`failed: ${request.url()}`));
  return problems;
}

describe("4 Browser: every kind of page, and the reader's tools", () => {
  before(async () => {
    server = await serve();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  for (const width of [390, 1440]) {
    for (const { kind, path, url } of specimens()) {
      test(`${kind} at ${width} px: no errors, no overflow, accessible (${path})`, async () => {
        const context = await visitor(browser, { width });
        const page = await context.newPage();
        const problems = listen(page);
        await page.goto(served(server.origin, url));
        problems.push(...(await page.evaluate(overflow)), ...(await violations(page)));
        await context.close();
        none(problems);
      });
    }
  }

  test("no page of the site is wider than a small phone (320 px)", async () => {
    const context = await visitor(browser, { width: 320 });
    const page = await context.newPage();
    const problems = [];
    for (const { path, url, isRedirect } of pages()) {
      if (isRedirect) continue;
      await page.goto(served(server.origin, url));
      for (const problem of await page.evaluate(overflow)) problems.push(`${path}: ${problem}`);
    }
    await context.close();
    none(problems);
  });

  test("an unknown address shows the page 404 with its style, at any depth", () =>
    visit(`${base}no/such/page.html`, {}, async (page) => {
      assert.match(await page.locator("h1").innerText(), /不存在/);
      assert.ok(await page.evaluate(() => document.styleSheets.length > 0 && document.styleSheets[0].cssRules.length > 0));
    }));

  test("a moved page leads to its new address", async () => {
    const moved = pages().find((page) => page.isRedirect);
    await visit(moved.url, {}, async (page) => {
      await page.waitForURL(served(server.origin, moved.$("link[rel=canonical]").attr("href")));
    });
  });

  test("the text grows and shrinks, and the size is remembered", () =>
    visit(specimen("article").url, {}, async (page) => {
      const size = () => page.locator("article p").last().evaluate((text) => parseFloat(getComputedStyle(text).fontSize));
      const normal = await size();
      await tool(page, "larger").click();
      const larger = await size();
      assert.ok(larger > normal, `${larger} px when larger, ${normal} px before`);
      await page.reload();
      assert.equal(await size(), larger, "after a reload");
      await page.goto(served(server.origin, specimen("notice").url));
      await page.goBack();
      await tool(page, "smaller").click();
      assert.equal(await size(), normal, "when smaller again");
    }));

  for (const mode of ["elder", "contrast"]) {
    test(`the mode “${mode}” stays on from page to page, fits a phone and is accessible`, () =>
      visit(base, { width: 390 }, async (page) => {
        await tool(page, mode).click();
        const problems = [];
        for (const { kind, url } of specimens()) {
          await page.goto(served(server.origin, url));
          if ((await tool(page, mode).getAttribute("aria-pressed")) !== "true") problems.push(`${kind}: off`);
          for (const problem of [...(await page.evaluate(overflow)), ...(await violations(page))]) problems.push(`${kind}: ${problem}`);
        }
        none(problems);
      }));
  }

  test("long names wrap on a phone: in the home page's menu, in a table of contacts", async () => {
    await visit(base, { width: 390 }, async (page) => {
      const cut = await page.locator(".nav li").evaluateAll((entries) => {
        for (const entry of entries) entry.firstElementChild.textContent = "新时代文明实践志愿服务项目";
        return entries.filter((entry) => entry.firstElementChild.scrollWidth > entry.clientWidth).length;
      });
      assert.equal(cut, 0, "entries that are wider than their place");
    });
    const { url } = pages().find((page) => page.$(".contacts a[href^='tel:']").length > 0);
    await visit(url, { width: 390 }, async (page) => {
      const [width, content] = await page.locator(".contacts").evaluate((table) => {
        table.querySelector("a").outerHTML = '<a href="mailto:a@example.org">zhiyuanfuwuzhongxin@wenmingshijian.shiliqu.example.org</a>';
        return [table.clientWidth, table.scrollWidth];
      });
      assert.equal(content, width, "the table's content and its box");
    });
  });

  test("a long line of code wraps: nothing that only a mouse or a finger can scroll", () =>
    visit(specimen("article").url, { width: 390 }, async (page) => {
      await page.locator(".prose").evaluate((prose) => {
        prose.insertAdjacentHTML("beforeend", `<pre><code>${"code ".repeat(40)}${"a".repeat(200)}</code></pre>`);
      });
      none([...(await page.evaluate(overflow)), ...(await violations(page))]);
    }));

  test("pictures, films and sounds in a paragraph fit a phone, in an article and in a notice's list", async () => {
    const media = ['<img src="/no.png" width="1600" height="900" alt="图">', '<video controls width="1280" height="720"></video>', "<audio controls></audio>"];
    const paragraphs = media.map((it) => `<p>${it}${it} 文字</p>`).join("");
    const list = `<ol><li><p>第一项</p>${paragraphs}<figure>${media[0]}</figure></li></ol>`;
    for (const kind of ["article", "notice"]) {
      await visit(specimen(kind).url, { width: 320 }, async (page) => {
        await page.locator(".prose").evaluate((prose, html) => (prose.innerHTML = html), paragraphs + list);
        none((await page.evaluate(overflow)).map((problem) => `${kind}: ${problem}`));
      });
    }
  });

  test("a date is not broken in two on a phone where it fits a line", () =>
    visit(specimen("recruitment").url, { width: 360 }, async (page) => {
      const lines = await page.locator(".call .facts dd").first().evaluate((fact) => {
        fact.innerHTML = "<time>2026-11-10 09:00</time> 起，<strong><time>2026-12-05 18:00</time> 截止</strong>";
        return [...fact.querySelectorAll("time")].map((time) => time.getClientRects().length);
      });
      assert.deepEqual(lines, [1, 1]);
    }));

  test("on paper: no empty last sheet, all columns of a wide table, what is folded away", async () => {
    const expired = pages().filter((page) => page.isExpired);
    assert.ok(expired.length > 0);
    for (const { url } of expired) {
      await visit(url, {}, async (page) => {
        await page.emulateMedia({ media: "print" });
        const room = await page.evaluate(() => document.body.getBoundingClientRect().bottom - document.querySelector("main").getBoundingClientRect().bottom);
        assert.ok(room < 100, `${room} px are empty below the text`);
      });
    }
    const { url } = pages().find((page) => page.$(".prose .table tbody td").length > 0);
    await visit(url, { width: 640 }, async (page) => {
      await page.emulateMedia({ media: "print" });
      const [box, table, folded] = await page.locator(".prose .table").first().evaluate((box) => {
        for (const row of box.querySelectorAll("tr")) for (let i = 0; i < 12; i++) row.insertAdjacentHTML("beforeend", "<td>12</td>");
        box.insertAdjacentHTML("afterend", "<details><summary>点开</summary><p>全文</p></details>");
        return [box.clientWidth, box.firstElementChild.offsetWidth, box.nextElementSibling.lastElementChild.checkVisibility({ contentVisibilityAuto: true })];
      });
      assert.ok(table <= box, `a table of ${table} px on ${box} px`);
      assert.ok(folded, "what is folded away is not printed");
    });
  });

  test("on paper, a post says nothing that is wrong a day later", () =>
    visit(specimen("recruitment").url, {}, async (page) => {
      await page.emulateMedia({ media: "print" });
      assert.ok(await page.locator(".call .facts").isVisible());
      assert.equal(await page.locator(".call :is(.status, .left):visible").count(), 0);
    }));

  test("“copy” copies the page's address", () =>
    visit(specimen("article").url, { permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
      await tool(page, "copy").click();
      await page.getByText("网址已复制").waitFor();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), specimen("article").url);
    }));

  test("“print” prints", () =>
    visit(specimen("article").url, {}, async (page) => {
      await page.evaluate(() => (window.print = () => (window.printed = true)));
      await tool(page, "print").click();
      assert.ok(await page.evaluate(() => window.printed));
    }));

  test("“close” goes back to where the reader came from", () =>
    visit(base, {}, async (page) => {
      await page.goto(served(server.origin, specimen("article").url));
      await tool(page, "close").click();
      await page.waitForURL(served(server.origin, base));
    }));

  test("a link to another site asks first: 放弃 stays, 继续访问 goes", () =>
    visit(specimen("article").url, {}, async (page, context) => {
      await context.route((url) => url.origin !== server.origin, (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: "<title>另一个网站</title>" }));
      const here = page.url();
      const link = page.locator("footer a.external").first();
      const target = await link.getAttribute("href");
      const dialog = page.getByRole("dialog");
      await link.click();
      await dialog.waitFor();
      assert.ok((await dialog.innerText()).includes(target), "the dialog shows the address");
      none((await violations(page)).map((problem) => `dialog: ${problem}`));
      await dialog.getByText("放弃").click();
      await dialog.waitFor({ state: "hidden" });
      assert.equal(page.url(), here);
      await link.click();
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "hidden" });
      assert.equal(page.url(), here);
      await link.click();
      await dialog.getByText("继续访问").click();
      await page.waitForURL((url) => url.href === new URL(target).href);
    }));

  test("without JavaScript every kind of page is readable and the tools are hidden", async () => {
    await visit(base, { javaScriptEnabled: false }, async (page) => {
      for (const { kind, url, $ } of specimens()) {
        await page.goto(served(server.origin, url));
        assert.equal(await page.locator("h1").innerText(), $("h1").text().trim(), kind);
        assert.ok((await page.locator("main").innerText()).length > 30, `${kind}: main is empty`);
        for (const tool of await page.locator("[data-tool]").all()) assert.ok(!(await tool.isVisible()), `${kind}: ${await tool.innerText()}`);
      }
    });
  });

  test("a post whose deadline has passed since the build is shown as closed", async () => {
    const { url, $ } = pages().find(({ kind, $ }) => {
      const post = $("article[data-recruitment]");
      return kind === "recruitment" && post.find("[data-status=open]").length && Date.parse(post.attr("data-start")) > Date.parse(post.attr("data-deadline")) + 60_000;
    });
    assert.equal($("[data-status]").first().text(), "报名中", "as built");
    const deadline = Date.parse($("article[data-recruitment]").attr("data-deadline"));
    const status = async (page) => page.locator("article [data-status]").first().innerText();
    await visit(url, { now: deadline - 60_000 }, async (page) => assert.equal(await status(page), "即将截止", "a minute before the deadline"));
    await visit(url, { now: deadline + 60_000, timezoneId: "America/New_York" }, async (page) => {
      assert.equal(await status(page), "已截止", "a minute after the deadline");
      assert.equal(await page.locator("[data-apply]:visible").count(), 0, "nobody can apply any more");
    });
  });

  test("a post and a 公示 that no longer hold have no status that their dates would give; a 公示 tells its hours", async () => {
    const site = mkdtempSync(join(tmpdir(), "xinfeng-expired-"));
    const write = (path, ...lines) => writeFileSync(join(site, path), lines.join("\n"));
    try {
      for (const folder of ["recruitment", "notices"]) mkdirSync(join(site, "content", folder), { recursive: true });
      write("site.yaml", "title: 新风", `base_url: ${base}`, "columns:", "  - {key: recruitment, name: 志愿招募}", "  - {key: notices, name: 通知公告}");
      const common = ["---", "date: 2026-11-01", "expires: 2026-11-20", "district: all", "source: 甲"];
      write("content/recruitment/a.md", ...common, "title: 取消的招募", "organizer: 甲", "positions: [{name: 甲, count: 1}]", "service_start: 2026-12-20", "service_end: 2026-12-20",
        "online: true", "apply: {phone: 021-00000000}", "apply_deadline: 2026-12-10", "risk: 无", "insurance: {provided: false}", "contacts: [{unit: 甲, phone: 021-00000000}]", "---");
      write("content/notices/a.md", ...common, "title: 撤回的公示", "kind: 公示", "issuer: 甲", "issued: 2026-11-01", "publicity: {start: 2026-11-18, end: 2026-11-26 17:00}", "feedback: {phone: 021-00000000}", "---", "名单。");
      const out = join(site, "public");
      execFileSync(xinfeng, ["build", "--quiet", "--site", site, "--out", out, "--as-of", asOf]);
      const expired = await serve(out);
      for (const javaScriptEnabled of [true, false]) {
        const context = await visitor(browser, { javaScriptEnabled });
        const page = await context.newPage();
        const shown = async (path) => {
          await page.goto(served(expired.origin, `${base}${path}`));
          assert.match(await page.locator(".banner").innerText(), /已于 2026年11月20日失效/);
          return page.locator("main :is(.status, .left:not(:empty), [data-apply])").evaluateAll((all) => all.filter((it) => it.checkVisibility()).map((it) => it.textContent));
        };
        assert.deepEqual(await shown("recruitment/2026/11/a.html"), ["已失效"]);
        assert.deepEqual(await shown("notices/2026/11/a.html"), []);
        assert.equal(await page.locator(".publicity dd").first().innerText(), "2026年11月18日至2026年11月26日 17:00");
        await context.close();
      }
      await expired.close();
    } finally {
      rmSync(site, { recursive: true });
    }
  });

  test("on later days the board of today's build shows what a build of that day would show", async () => {
    const board = specimen("board").url;
    /** Title, status, and days left of every post on the board, and the group that it stands in. */
    const posts = (page) =>
      page.locator("main [data-recruitment]").evaluateAll((cards) => {
        const texts = (card, selector) => [...card.querySelectorAll(selector)].map((element) => element.textContent);
        const group = (card) => card.closest("[data-group]")?.querySelector("h2")?.textContent;
        return cards.map((card) => [...texts(card, "a, [data-status], [data-days-left]"), group(card)].join(" | ")).sort();
      });
    const temporary = mkdtempSync(join(tmpdir(), "xinfeng-later-"));
    try {
      for (const day of ["2026-11-23", "2026-12-11", "2027-01-09", "2027-02-15", "2027-03-21"]) {
        const out = join(temporary, day);
        execFileSync(xinfeng, ["build", "--quiet", "--site", root, "--out", out, "--as-of", day]);
        const later = await serve(out);
        const context = await browser.newContext({ javaScriptEnabled: false });
        const rebuilt = await context.newPage();
        await rebuilt.goto(served(later.origin, board));
        const expected = await posts(rebuilt);
        await context.close();
        await later.close();
        const now = new Date(`${day}T00:00:00+08:00`);
        await visit(board, { now, timezoneId: "Pacific/Auckland" }, async (page) => {
          const shown = await posts(page);
          // A build leaves out what ended long ago; the script can only say that it has ended.
          const ended = shown.filter((post) => !expected.includes(post) && post.includes("已结束"));
          assert.deepEqual(shown.filter((post) => !ended.includes(post)), expected, day);
        });
      }
    } finally {
      rmSync(temporary, { recursive: true });
    }
  });

  test("every QR code leads to its page's address", async () => {
    const problems = [];
    const coded = pages().filter(({ $ }) => $(".qr-code").length);
    assert.ok(coded.length > 0, "no page has a QR code");
    await visit(base, { deviceScaleFactor: 3 }, async (page) => {
      for (const { path, url, $ } of coded) {
        await page.goto(served(server.origin, url));
        const { data, width, height } = PNG.sync.read(await page.locator(".qr-code").first().screenshot());
        const code = jsQR(new Uint8ClampedArray(data), width, height);
        const canonical = $("link[rel=canonical]").attr("href");
        if (code?.data !== canonical) problems.push(`${path}: ${code?.data ?? "cannot be read"}`);
      }
    });
    none(problems);
  });
});
