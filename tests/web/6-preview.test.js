// `xinfeng serve`, as somebody who writes sees it: a real server, real files and a real browser. Each test has a
// preview of its own, edits files as editors do, and waits for what the browser then shows.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { after, before, describe, test } from "node:test";
import jsQR from "jsqr";
import { launch, overflow, violations } from "./browser.js";
import { Site, serve } from "./preview.js";
import { prefix } from "./server.js";
import { asOf, filesOf, none, xinfeng } from "./site.js";

const night = {
  file: "content/news/2026/xuhui-night-reading.md",
  url: `${prefix}news/2026/11/xuhui-night-reading.html`,
  title: "徐汇：社区图书馆的灯，多亮两小时",
  words: "一个给爷叔，一个给小囡",
  picture: "content/pictures/library-desk.svg",
};
const report = {
  file: "content/news/2026/jingan-autumn-report.md",
  url: `${prefix}news/2026/11/jingan-autumn-report.html`,
  title: "从站前广场到弄堂口：静安区秋冬志愿服务行动三个月综述",
  words: "迎面是两件红马甲",
  lastWords: "您走得顺，我们就算没白站。",
};
const morning = {
  file: "content/news/2026/重庆南路的早晨.md",
  url: `${prefix}news/2026/11/chong-qing-nan-lu-de-zao-chen.html`,
  title: "重庆南路的早晨",
};
const draft = { file: "content/news/2026/draft-tram-stories.md", url: `${prefix}news/2026/11/draft-tram-stories.html`, title: "电车上的一天（采写中）" };
const scheduled = { url: `${prefix}news/2026/12/volunteers-day-preview.html`, title: "国际志愿者日：十六个区同步点亮“志愿红”" };
const news = `${prefix}news/`;
const front = "/__preview/";
const sampleDay = ["--as-of", asOf];

const article = ({ title, date = "2026-11-01", text = "一段话。" }) => `---\ntitle: ${title}\ndate: ${date}\ndistrict: 静安区\nsource: 编辑部\n---\n\n${text}\n`;

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** Prepares a copy of the sample site, serves it, opens one of its pages, and lets a check edit and look. */
async function preview({ open = night.url, prepare = () => {}, options = sampleDay, ...window }, check) {
  const site = new Site();
  let server, context;
  try {
    await prepare(site);
    server = await serve(site, { options });
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "zh-CN", ...window });
    const page = await context.newPage();
    await visit(page, server.origin + open);
    await check({ page, site, server });
  } finally {
    await context?.close();
    await server?.stop();
    site.remove();
  }
}

/** Opens an address and waits until the preview follows it: until the page is connected and knows its own source. */
async function visit(page, url) {
  const source = page.waitForEvent("requestfinished", (request) => request.resourceType() === "fetch");
  await page.goto(url);
  await source;
  await told(page, "[data-connected][data-edition]");
}

/** Waits until the preview's own element is so. */
const told = (page, state) => page.locator(`xinfeng-preview${state}`).waitFor({ state: "attached" });
const part = (page, name) => page.locator(`xinfeng-preview .${name}`);
const edition = async (page) => Number(await page.locator("xinfeng-preview").getAttribute("data-edition"));
const isSeen = (page, text) => page.locator("main").getByText(text).first().waitFor();
const isGone = (page, text) => page.locator("main").getByText(text).first().waitFor({ state: "detached" });

/** Whether the window shows all of it. Runs in the page. */
function isInView(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}
/** Waits until the scrolling has brought all of it into the window. */
const becomesVisible = async (page, locator) => page.waitForFunction(isInView, await locator.elementHandle());

/** Something that only this very page knows: it is lost when the page is loaded again. */
const mark = (page) => page.evaluate(() => (window.isSamePage = true));
const isSamePage = (page) => page.evaluate(() => window.isSamePage === true);

describe("6 Preview: every kind of change is seen", () => {
  test("a file that is written anew in its place", () =>
    preview({}, async ({ page, site }) => {
      site.edit(night.file, night.words, "一人一个");
      await isSeen(page, "一人一个");
    }));

  test("a file that is saved beside and renamed over the old one", () =>
    preview({}, async ({ page, site }) => {
      site.replace(night.file, site.edited(night.file, night.words, "一人一个"));
      await isSeen(page, "一人一个");
    }));

  test("a new article comes into the open list of its column, and leaves it when it is deleted", () =>
    preview({ open: news }, async ({ page, site }) => {
      site.write("content/news/2026/new.md", article({ title: "新来的一篇", date: "2026-11-22" }));
      await isSeen(page, "新来的一篇");
      site.delete("content/news/2026/new.md");
      await isGone(page, "新来的一篇");
    }));

  test("a file that is renamed: the list leads to its new address", () =>
    preview({ open: news }, async ({ page, site }) => {
      site.rename(night.file, "content/news/2026/lamps.md");
      await page.locator(`main a[href="${prefix}news/2026/11/lamps.html"]`, { hasText: night.title }).waitFor();
      assert.equal(await page.locator(`main a[href="${night.url}"]`).count(), 0);
    }));

  test("a folder that is renamed: its pages are edited at the new place", () => {
    const path = `${prefix}stories/2025/04/fengxian-night-doctor.html`;
    return preview({ open: path }, async ({ page, site }) => {
      site.rename("content/stories/2025", "content/stories/旧事");
      const file = "content/stories/旧事/fengxian-night-doctor.md";
      await page.locator(`xinfeng-preview a[href^="${site.editor(file)}"]`).waitFor();
      site.edit(file, "药箱", "一只药箱");
      await isSeen(page, "一只药箱");
    });
  });

  test("a git checkout that changes 120 articles is one change", () => {
    const files = Array.from({ length: 120 }, (_, n) => `content/news/2026/batch-${n}.md`);
    const git = (site, ...words) => {
      const identity = ["-c", "user.name=Editor", "-c", "user.email=editor@example.org", "-c", "commit.gpgsign=false"];
      execFileSync("git", [...identity, ...words], { cwd: site.folder, stdio: "pipe" });
    };
    const write = (site, text) => files.forEach((file, n) => site.write(file, article({ title: `第 ${n} 篇`, text })));
    const commit = (site, text) => {
      write(site, text);
      git(site, "add", ".");
      git(site, "commit", "--quiet", "--message", text);
    };
    const prepare = (site) => {
      git(site, "init", "--quiet", "--initial-branch", "main");
      commit(site, "原来的话。");
      git(site, "checkout", "--quiet", "-b", "other");
      commit(site, "改过的话。");
      git(site, "checkout", "--quiet", "main");
    };
    return preview({ open: `${prefix}news/2026/11/batch-119.html`, prepare }, async ({ page, site }) => {
      const first = await edition(page);
      git(site, "checkout", "--quiet", "other");
      await isSeen(page, "改过的话。");
      // At one stroke: of a file that is written slowly, its half may be shown too.
      site.replace(files.at(-1), site.edited(files.at(-1), "改过的话。", "又改过的话。"));
      await isSeen(page, "又改过的话。");
      assert.equal(await edition(page), first + 2, "one edition for the checkout, one for the edit after it");
    });
  });

  test("a template that the site lays over the theme's, in a folder that was not there", () =>
    preview({}, async ({ page, site }) => {
      site.editTheme("templates/partials/breadcrumb.html", "<nav", "<p>新的模板</p><nav");
      await isSeen(page, "新的模板");
    }));

  test("a picture", () =>
    preview({}, async ({ page, site }) => {
      await mark(page);
      site.edit(night.picture, 'width="1200" height="675"', 'width="610" height="343"');
      await page.waitForFunction(() => document.querySelector("figure img[src*='library-desk']").naturalWidth === 610);
      assert.ok(await isSamePage(page));
    }));

  test("site.yaml: the name of the site", () =>
    preview({}, async ({ page, site }) => {
      site.edit("site.yaml", "title: 上海新时代文明实践 · 新风示例", "title: 换了名字的网站");
      await page.locator(".brand-name", { hasText: "换了名字的网站" }).waitFor();
    }));

  test("the passing of time: an item appears when its time has come", () =>
    preview({ open: news, options: [] }, async ({ page, site }) => {
      const due = (Math.ceil(Date.now() / 1000) + 3) * 1000;
      const inShanghai = new Date(due + 8 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
      site.write("content/news/2026/on-time.md", article({ title: "准时的一篇", date: inShanghai }));
      await isSeen(page, "准时的一篇");
      assert.ok(Date.now() >= due, "not before its time");
    }));

  test("with --poll an edit is seen without word from the file system", () =>
    preview({ options: [...sampleDay, "--poll"] }, async ({ page, site, server }) => {
      assert.match(server.said, /隔一会儿查看一遍/);
      site.edit(night.file, night.words, "一人一个");
      await isSeen(page, "一人一个");
    }));

  test("and nothing is written: no public/, no other file", () => {
    let files;
    return preview({ prepare: (site) => (files = site.files()) }, async ({ page, site }) => {
      site.edit(night.file, night.words, "一人一个");
      await isSeen(page, "一人一个");
      assert.deepEqual(site.files(), files);
    });
  });
});

describe("6 Preview: the page that is open", () => {
  test("a new style sheet takes effect without a reload", () =>
    preview({}, async ({ page, site }) => {
      await mark(page);
      site.editTheme("assets/css/site.css", "--red: #9b1c1f", "--red: #123456");
      await page.waitForFunction(() => getComputedStyle(document.documentElement).getPropertyValue("--red").trim() === "#123456");
      assert.ok(await isSamePage(page));
      assert.equal(await page.locator("link[rel=stylesheet]").count(), 1, "the old sheet is gone");
    }));

  test("a changed page keeps its scripts' state, its place, open parts, focus and selection", () => {
    // With a fourth heading the article has an outline, which is folded.
    const prepare = (site) => site.edit(report.file, "行动还在继续。", "## 四、行动还在继续\n\n行动还在继续。");
    return preview({ open: report.url, prepare }, async ({ page, site }) => {
      await mark(page);
      const outline = page.locator("details.toc");
      await outline.evaluate((details) => (details.open = true));
      const link = page.locator(".prose a").first();
      await link.focus();
      await page.locator(".prose p").nth(1).evaluate((text) => getSelection().selectAllChildren(text));
      const selection = () => page.evaluate(() => String(getSelection()));
      const selected = await selection();
      assert.ok(selected.length > 50);
      // The place is that of the paragraph which is edited: else the preview would go there.
      await page.locator(".prose p").first().evaluate((text) => scrollBy({ top: text.getBoundingClientRect().top - 200, behavior: "instant" }));
      const place = await page.evaluate(() => scrollY);
      assert.ok(place > 0);
      site.edit(report.file, report.words, "迎面是两件蓝马甲");
      await isSeen(page, "迎面是两件蓝马甲");
      assert.ok(await isSamePage(page), "scripts' state");
      assert.equal(await page.evaluate(() => scrollY), place, "place");
      assert.ok(await outline.evaluate((details) => details.open), "open parts");
      assert.ok(await link.evaluate((link) => document.activeElement === link), "focus");
      assert.equal(await selection(), selected, "selection");
    });
  });

  test("and what is being typed into a field", () => {
    const prepare = (site) => site.write("themes/default/templates/partials/footer-extra.html", '<input aria-label="留言">');
    return preview({ prepare }, async ({ page, site }) => {
      const field = page.getByLabel("留言");
      await field.pressSequentially("写了一半");
      site.edit(night.file, night.words, "一人一个");
      await isSeen(page, "一人一个");
      await page.keyboard.type("，写完了");
      assert.equal(await field.inputValue(), "写了一半，写完了");
    });
  });

  test("a page is left alone while another one is edited; only a notice tells of it", () =>
    preview({}, async ({ page, site }) => {
      await page.evaluate(() => {
        window.touched = new MutationObserver(() => {});
        window.touched.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
      });
      site.edit(report.file, report.lastWords, "这是新的结尾。");
      await part(page, "notice").getByText(report.title).waitFor();
      assert.equal(await page.evaluate(() => window.touched.takeRecords().length), 0);
    }));

  test("the notice leads to the other page, to the place that was edited", () =>
    preview({}, async ({ page, site }) => {
      site.edit(report.file, report.lastWords, "这是新的结尾。");
      await part(page, "notice").getByRole("link", { name: report.title }).click();
      await page.waitForURL(`**${report.url}`);
      const edited = page.getByText("这是新的结尾。");
      await edited.waitFor();
      await page.waitForFunction(() => scrollY > 0);
      await becomesVisible(page, edited);
    }));

  test("with --follow the browser goes there by itself", () =>
    preview({ options: [...sampleDay, "--follow"] }, async ({ page, site }) => {
      site.edit(report.file, report.lastWords, "这是新的结尾。");
      await page.waitForURL(`**${report.url}`);
      await becomesVisible(page, page.getByText("这是新的结尾。"));
    }));

  test("the place that was edited comes into view and is highlighted", () =>
    preview({ open: report.url }, async ({ page, site }) => {
      const quote = page.locator(".prose blockquote");
      assert.ok(!(await quote.evaluate(isInView)));
      // The highlight is there for a moment only: it is noted when it comes.
      await page.evaluate(() => {
        const box = (element) => ["left", "top", "right", "bottom"].map((side) => element.getBoundingClientRect()[side]);
        const preview = document.querySelector("xinfeng-preview").shadowRoot;
        window.highlight = new Promise((done) => {
          const look = () => {
            const highlight = preview.querySelector(".highlight");
            if (highlight) done([highlight, document.querySelector(".prose blockquote")].map(box));
          };
          new MutationObserver(look).observe(preview, { subtree: true, childList: true });
        });
      });
      site.edit(report.file, report.lastWords, "这是新的结尾。");
      const [[left, top, right, bottom], text] = await page.evaluate(() => window.highlight);
      assert.ok(left <= text[0] && top <= text[1] && right >= text[2] && bottom >= text[3], "it surrounds the text");
      await becomesVisible(page, quote.getByText("这是新的结尾。"));
    }));

  test("a page that moved says where to, and leads there", () =>
    preview({}, async ({ page, site }) => {
      site.rename(night.file, "content/news/2026/lamps.md");
      await page.getByRole("heading", { name: "您访问的页面不存在" }).waitFor();
      await part(page, "notice").filter({ hasText: "这一页已移到" }).getByRole("link", { name: night.title }).click();
      await page.waitForURL(`**${prefix}news/2026/11/lamps.html`);
      await isSeen(page, night.words);
    }));

  test("a page that was deleted says so, and is there again when its file is", () =>
    preview({}, async ({ page, site }) => {
      const text = site.read(night.file);
      site.delete(night.file);
      await page.getByRole("heading", { name: "您访问的页面不存在" }).waitFor();
      await part(page, "notice").getByText(`“${night.file}”已经删除`).waitFor();
      site.write(night.file, text);
      await isSeen(page, night.words);
      await part(page, "notice").waitFor({ state: "detached" });
    }));

  test("when the preview was ended and is started again, the page goes on following", () =>
    preview({}, async ({ page, site, server }) => {
      await server.stop();
      await told(page, ":not([data-connected])");
      await part(page, "lost").getByText("正在重新连接").waitFor();
      site.edit(night.file, night.words, "一人一个");
      const again = await serve(site, { port: server.port, options: sampleDay });
      try {
        await isSeen(page, "一人一个");
        await told(page, "[data-connected]");
        site.edit(night.file, "一人一个", "一人两个");
        await isSeen(page, "一人两个");
        assert.equal(await part(page, "lost").innerText(), "");
      } finally {
        await again.stop();
      }
    }));
});

describe("6 Preview: mistakes, drafts and the way to the file", () => {
  const mistakes = [
    { name: "an unknown district", from: "区域: [黄浦区, 淮海中路街道]", to: "区域: [黄埔区, 淮海中路街道]", excerpt: "黄埔区" },
    { name: "a full-width colon", from: "来源: 黄浦区文明办", to: "来源：黄浦区文明办", excerpt: "来源：黄浦区文明办" },
  ];
  for (const { name, from, to, excerpt } of mistakes) {
    test(`${name}: what is wrong and where stands over the last good page until it is mended`, () =>
      preview({ open: morning.url }, async ({ page, site }) => {
        site.edit(morning.file, from, to);
        const panel = part(page, "panel");
        await panel.waitFor();
        await told(page, '[data-errors="1"]');
        const line = site.lineOf(morning.file, excerpt);
        const link = panel.getByRole("link", { name: `${morning.file}:${line}` });
        assert.match(await link.getAttribute("href"), new RegExp(`^${site.editor(morning.file)}:${line}:\\d+$`));
        assert.ok((await panel.locator("pre").innerText()).includes(excerpt), "the line itself");
        assert.equal(await page.locator("h1").innerText(), morning.title, "the last good page");
        site.edit(morning.file, to, from);
        await panel.waitFor({ state: "hidden" });
        await told(page, '[data-errors="0"]');
      }));
  }

  test("a broken template: the same", () => {
    let template;
    return preview({ prepare: (site) => (template = site.layOver("templates/article.html")) }, async ({ page, site }) => {
      site.edit(template, "{{ item.body }}", "{{ item.body ");
      const panel = part(page, "panel");
      await panel.getByRole("link", { name: template }).waitFor();
      assert.equal(await page.locator("h1").innerText(), night.title, "the last good page");
      site.edit(template, "{{ item.body ", "<p>好了</p>{{ item.body }}");
      await isSeen(page, "好了");
      await panel.waitFor({ state: "hidden" });
    });
  });

  test("a site with a mistake from the start is waited for, and appears when it is mended", () => {
    const prepare = (site) => site.edit(night.file, "徐汇区, 天平路街道", "徐汇取");
    return preview({ open: "/", prepare }, async ({ page, site, server }) => {
      assert.equal(server.home, `${server.origin}/`);
      await part(page, "panel").getByText("改正后这里会自动显示网站").waitFor();
      site.edit(night.file, "徐汇取", "徐汇区, 天平路街道");
      await page.waitForURL(`**${prefix}`);
      await isSeen(page, night.title);
      await part(page, "panel").waitFor({ state: "hidden" });
    });
  });

  test("drafts and scheduled items say so in the preview, on their pages and in lists", () =>
    preview({ open: draft.url, options: [...sampleDay, "--drafts", "--future"] }, async ({ page, server }) => {
      await part(page, "badges").getByText("草稿").waitFor();
      await visit(page, server.origin + scheduled.url);
      await part(page, "badges").getByText("定于 2026-12-05 09:00 发布").waitFor();
      await visit(page, server.origin + news);
      await part(page, "badges").waitFor({ state: "hidden" });
      for (const [{ url }, badge] of [[draft, "草稿"], [scheduled, "定于 2026-12-05 09:00 发布"]]) {
        const link = page.locator(`main a[href="${url}"]`, { hasText: /\S/ }).first();
        assert.equal(await link.evaluate((link) => getComputedStyle(link, "::after").content), `"${badge}"`);
      }
    }));

  test("a corner of the page leads to its file", () =>
    preview({ open: morning.url }, async ({ page, site }) => {
      const link = part(page, "bar").getByRole("link", { name: "编辑本页" });
      assert.equal(await link.getAttribute("href"), `${site.editor(morning.file)}:1:1`);
    }));

  test("and of all this a built site holds nothing", () => {
    const site = new Site();
    try {
      execFileSync(xinfeng, ["build", "--quiet", "--site", site.folder, ...sampleDay, "--drafts", "--future"]);
      const out = site.path("public");
      const text = (path) => readFileSync(`${out}/${path}`, "utf8");
      none(filesOf(out).filter((path) => /__preview|xinfeng-preview|xinfeng-mark|vscode:/.test(text(path))));
      for (const { url } of [draft, scheduled]) assert.doesNotMatch(text(url.slice(prefix.length)), /草稿|定于/);
    } finally {
      site.remove();
    }
  });

  const looks = {
    "only the corner": async () => {},
    "the list of mistakes open": async (page, site) => {
      site.edit(night.file, "徐汇区, 天平路街道", "徐汇取");
      await part(page, "panel").waitFor();
    },
    "a notice": async (page, site) => {
      site.edit(report.file, report.lastWords, "这是新的结尾。");
      await part(page, "notice").waitFor();
    },
  };
  for (const width of [390, 1440]) {
    for (const [look, edit] of Object.entries(looks)) {
      test(`an article with ${look} at ${width} px: no overflow, accessible`, () =>
        preview({ viewport: { width, height: 900 } }, async ({ page, site }) => {
          await edit(page, site);
          none([...(await page.evaluate(overflow)), ...(await violations(page))]);
        }));
    }
  }
});

describe("6 Preview: its front page", () => {
  const languages = {
    zh: { newest: "最近的改动", drafts: "草稿", scheduled: "定时发布", problems: "需要处理", outline: "网站里有什么" },
    en: { newest: "Newest edits", drafts: "Drafts", scheduled: "Scheduled", problems: "To be mended", outline: "What the site holds" },
  };
  const within = (page, id) => page.locator(`section#${id}`);

  for (const [language, headings] of Object.entries(languages)) {
    test(`it lists the newest edits, what waits, what is wrong, and the site's parts (${language})`, () =>
      preview({ open: `${front}?lang=${language}` }, async ({ page, site }) => {
        for (const [id, heading] of Object.entries(headings)) assert.ok((await within(page, id).locator("h2").innerText()).startsWith(heading), id);
        await within(page, "drafts").getByText(draft.title).waitFor();
        await within(page, "drafts").locator(`a[href^="${site.editor(draft.file)}"]`).waitFor();
        await within(page, "scheduled").getByText(scheduled.title).waitFor();
        await within(page, "outline").locator(`a[href="${news}"]`).waitFor();
        site.edit(report.file, report.lastWords, "这是新的结尾。");
        await within(page, "newest").locator(`a[href="${report.url}"]`, { hasText: report.title }).waitFor();
        site.edit(morning.file, "区域: [黄浦区", "区域: [黄埔区");
        await within(page, "problems").getByRole("link", { name: `${morning.file}:5` }).waitFor();
      }));
  }

  for (const width of [390, 1440]) {
    for (const language of Object.keys(languages)) {
      test(`it fits ${width} px and is accessible (${language})`, () => {
        const prepare = (site) => site.write("content/news/2026/odd.md", article({ title: "有错的一篇" }).replace("静安区", "静按区"));
        return preview({ open: `${front}?lang=${language}`, viewport: { width, height: 900 } }, async ({ page, site }) => {
          prepare(site);
          await told(page, '[data-errors="1"]');
          none([...(await page.evaluate(overflow)), ...(await violations(page))]);
        });
      });
    }
  }
});

describe("6 Preview: the server", () => {
  /** Starts a preview of a fresh site, lets a check ask it, and ends it. */
  async function serving(options, check) {
    const site = new Site();
    let server;
    try {
      server = await serve(site, options);
      await check(server, site);
    } finally {
      await server?.stop();
      site.remove();
    }
  }
  /** What is answered to a path exactly as it is written here; browsers and fetch would tidy it up. */
  async function ask(server, path, headers = {}, method = "GET") {
    const asked = request({ host: "127.0.0.1", port: server.port, path, headers, method });
    asked.end();
    const [response] = await once(asked, "response");
    let body = "";
    for await (const text of response.setEncoding("utf8")) body += text;
    return { status: response.statusCode, body };
  }

  const isInNetwork = Object.values(networkInterfaces()).flat().some(({ family, internal }) => family === "IPv4" && !internal);
  test("open to the network, it draws a QR code for the phone", { skip: !isInNetwork && "this machine is in no network" }, () =>
    serving({ options: ["--host", "0.0.0.0"] }, async ({ said }) => {
      const address = /^手机扫码\s+(\S+)$/m.exec(said)[1];
      const rows = said.split("\n").filter((line) => /^[█▀▄ ]+$/.test(line));
      const size = 4;
      const [width, height] = [rows[0].length * size, rows.length * 2 * size];
      const pixels = new Uint8ClampedArray(width * height * 4);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const [row, column] = [Math.floor(y / size), Math.floor(x / size)];
          const isLight = (row % 2 === 0 ? "█▀" : "█▄").includes(rows[row >> 1][column]);
          pixels.set([...Array(3).fill(isLight ? 255 : 0), 255], (y * width + x) * 4);
        }
      }
      assert.equal(jsQR(pixels, width, height)?.data, address);
      assert.equal((await fetch(address)).status, 200);
    }));

  test("where its port is taken, it uses the next one and says so", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address();
    try {
      await serving({ port }, async (server) => {
        assert.ok(server.port > port);
        assert.ok(server.said.includes(`端口 ${port} 被占用，改用 ${server.port}`));
      });
    } finally {
      other.close();
    }
  });

  test("it answers only to its own name, and only to reading", () =>
    serving({}, async (server) => {
      assert.equal((await ask(server, prefix)).status, 200);
      for (const path of [prefix, front, `${front}events?path=/`]) {
        for (const host of ["evil.example", `evil.example:${server.port}`]) assert.equal((await ask(server, path, { host })).status, 421, `${host} ${path}`);
      }
      assert.equal((await ask(server, prefix, {}, "POST")).status, 405);
    }));

  test("no path leads out of the site, or to what is not published", () =>
    serving({ options: sampleDay }, async (server, site) => {
      site.write("content/news/secret.txt", "秘密");
      site.write("secret.txt", "秘密");
      const up = ["..", "%2e%2e", "..%2f..", "%2e%2e%2f%2e%2e", "..%5c..", "....//.."];
      const places = up.flatMap((up) => [prefix, `${prefix}pictures/`, `${prefix}assets/css/`, "/", `${front}`].map((from) => `${from}${up}/`));
      const paths = places.flatMap((place) => ["secret.txt", "site.yaml", "content/news/secret.txt"].map((file) => place + file));
      const absolute = [`${prefix}${site.path("secret.txt")}`, `${prefix}%2f${site.path("secret.txt").slice(1)}`, `${prefix}secret.txt%00.html`];
      const problems = [];
      for (const path of [...paths, ...absolute, `${prefix}news/secret.txt`, draft.url, scheduled.url]) {
        const { status, body } = await ask(server, path);
        if (![302, 400, 404].includes(status) || /秘密|base_url|采写中|志愿红/.test(body)) problems.push(`${status} ${path}`);
      }
      none(problems);
    }));

  test("Ctrl+C ends it while a page is open", async () => {
    let ended;
    await preview({}, async ({ page, server }) => {
      await server.stop();
      ended = server;
      await told(page, ":not([data-connected])");
    });
    await assert.rejects(fetch(ended.home));
  });
});
