// The published sample behind the web servers of docs/deploy, with those very files: types, caching, compression, what is
// not there, what nobody may see, and the security headers, under which every kind of page works in a browser.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { launch, visitor } from "./browser.js";
import { asOf, files, filesOf, none, root, specimens, xinfeng } from "./site.js";

const temporary = mkdtempSync(join(tmpdir(), "xinfeng-deploy-"));
const site = join(temporary, "site");
const html = join(temporary, "html");
const samples = join(root, "docs/deploy");
const environment = { ...process.env, XDG_CONFIG_HOME: join(temporary, "config") };

function run(...words) {
  return execFileSync(xinfeng, [...words, "--site", site, "--lang", "en"], { env: environment, encoding: "utf8", maxBuffer: 1 << 28 });
}

async function freePort() {
  const server = createServer();
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Publishes the sample, as the whole site of its host, with a key of its own, into a folder with compressed texts. */
function publish() {
  mkdirSync(site);
  for (const part of ["content", "static", "themes"]) if (existsSync(join(root, part))) cpSync(join(root, part), join(site, part), { recursive: true });
  const settings = readFileSync(join(root, "site.yaml"), "utf8").replace(/^base_url:.*$/m, "base_url: https://wenming.example.org/");
  writeFileSync(join(site, "site.yaml"), settings);
  const key = /public_key: (.+)/.exec(run("keys", "new"))[1];
  appendFileSync(join(site, "site.yaml"), `\ncheck: {allowed_hosts: [example.org]}\npublish:\n  public_key: ${key}\n  targets:\n    - {name: main, type: folder, path: ${html}, compress: true}\n`);
  run("publish", "main", "--as-of", asOf);
  // What a publication leaves there while it runs.
  mkdirSync(join(html, ".xinfeng/stage"), { recursive: true });
  writeFileSync(join(html, ".xinfeng/lock"), "secret");
  writeFileSync(join(html, ".xinfeng/stage/a"), "secret");
}

/** What a server answers: status, headers and the bytes as they come. */
function get(port, path, headers = {}, method = "GET") {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, headers, method }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
    });
    asked.on("error", reject);
    asked.end();
  });
}

/** Starts a program and waits until something answers on the port. */
async function start(port, program, ...words) {
  const child = spawn(program, words, { env: { ...environment, HOME: temporary }, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (text) => (said += text));
  const ended = new Promise((done) => child.on("close", done));
  for (let tries = 0; ; tries += 1) {
    if (child.exitCode !== null || tries === 200) throw new Error(`${program} does not answer:\n${said}`);
    if (await get(port, "/").catch(() => undefined)) break;
    await new Promise((wait) => setTimeout(wait, 50));
  }
  return () => {
    child.kill("SIGTERM");
    return ended;
  };
}

/** nginx with the sample, on loopback ports and without certificates. */
function startNginx(port, redirectPort) {
  const sample = readFileSync(join(samples, "nginx.conf"), "utf8")
    .replace(/^.*(listen \[::\]|ssl_).*\n/gm, "")
    .replace("listen 80;", `listen 127.0.0.1:${redirectPort};`)
    .replace("listen 443 ssl;", `listen 127.0.0.1:${port};`)
    .replaceAll("/srv/www/html", html);
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${temporary}/nginx-${name};`);
  const configuration = join(temporary, "nginx.conf");
  const user = process.getuid() === 0 ? "user root;" : "";
  writeFileSync(
    configuration,
    `daemon off; worker_processes 1; ${user} pid ${temporary}/nginx.pid; error_log stderr;\nevents {}\nhttp {\ninclude /etc/nginx/mime.types; default_type application/octet-stream; access_log off; ${folders.join(" ")}\n${sample}\n}\n`,
  );
  return start(port, "nginx", "-e", "stderr", "-c", configuration);
}

/** Caddy with the sample, on a loopback port. */
function startCaddy(port) {
  const sample = readFileSync(join(samples, "Caddyfile"), "utf8").replace(/^www.example.org {/m, `http://127.0.0.1:${port} {`).replaceAll("/srv/www/html", html);
  const configuration = join(temporary, "Caddyfile");
  writeFileSync(configuration, `{\n\tadmin off\n}\n${sample}`);
  return start(port, "caddy", "run", "--config", configuration, "--adapter", "caddyfile");
}

const security = {
  "content-security-policy": /^default-src 'self'; .*frame-ancestors 'self'$/,
  "strict-transport-security": /^max-age=\d+$/,
  "x-content-type-options": /^nosniff$/,
  "x-frame-options": /^SAMEORIGIN$/,
  "referrer-policy": /^strict-origin-when-cross-origin$/,
  "permissions-policy": /geolocation=\(\)/,
};

/** The address of a published file, as links name it. */
const address = (path) => `/${encodeURI(path).replace(/(^|\/)index\.html$/, "$1")}`;
const first = (pattern) => files.find((path) => pattern.test(path)) ?? assert.fail(`the sample has no ${pattern}`);
const asset = (kind) => first(new RegExp(`^assets/.*\\.${kind}$`));

/** What is the same behind every server. `on` gives its port. */
function checks(on) {
  test("files come with their types, and texts with their encoding", async () => {
    const types = { html: /^text\/html/, css: /^text\/css/, js: /^(text|application)\/javascript/, svg: /^image\/svg\+xml/, xml: /^(text|application)\/xml/, json: /^application\/json/, ics: /^text\/calendar/, csv: /^text\/csv/, txt: /^text\/plain/, pdf: /^application\/pdf$/ };
    const problems = [];
    for (const [ending, type] of Object.entries(types)) {
      const path = first(new RegExp(`\\.${ending}$`));
      const { status, headers, body } = await get(on(), address(path));
      const found = headers["content-type"] ?? "none";
      const isText = /^(text\/(?!xml)|.*javascript)/.test(found);
      if (status !== 200 || !type.test(found) || (isText && !/charset=utf-8/i.test(found))) problems.push(`${path}: ${status} ${found}`);
      if (!body.equals(readFileSync(join(html, path)))) problems.push(`${path}: other bytes`);
    }
    none(problems);
  });

  test("the theme's files are kept for a year, pages for a minute, errors not at all", async () => {
    const check = async (path, expected) => assert.match((await get(on(), path)).headers["cache-control"] ?? "none", expected, path);
    for (const kind of ["css", "js", "svg"]) await check(address(asset(kind)), /^public, max-age=31536000, immutable$/);
    for (const path of ["/", address(first(/^news\/.*\.html$/)), "/feed.xml", address(first(/\.pdf$/))]) await check(path, /^public, max-age=60$/);
    for (const path of ["/xinfeng-manifest.txt", "/xinfeng-key.txt"]) await check(path, /^no-cache$/);
    for (const path of ["/no/such/page.html", "/assets/css/site.0123456789.css"]) await check(path, /^(none|no-cache)$/);
  });

  test("a reader who has the page already gets 304", async () => {
    const { headers } = await get(on(), "/");
    assert.ok(headers.etag && headers["last-modified"]);
    const again = await get(on(), "/", { "If-None-Match": headers.etag });
    assert.deepEqual([again.status, again.body.length], [304, 0]);
    assert.match(again.headers["cache-control"], /^public, max-age=60$/);
  });

  test("texts are sent as they were compressed at publication", async () => {
    for (const path of ["index.html", asset("css"), "feed.json", "feed.xml", "calendar.ics"]) {
      const plain = await get(on(), address(path));
      const { headers, body } = await get(on(), address(path), { "Accept-Encoding": "gzip" });
      assert.equal(headers["content-encoding"], "gzip", path);
      assert.match(headers.vary ?? "none", /accept-encoding/i, path);
      assert.equal(headers["content-type"], plain.headers["content-type"], path);
      assert.ok(body.equals(readFileSync(join(html, `${path}.gz`))), path);
      assert.equal(plain.headers["content-encoding"], undefined, path);
    }
  });

  test("what is not there is answered with the page 404 and its status", async () => {
    for (const path of ["/no/such/page.html", "/no/such/folder/", "/assets/css/site.0123456789.css", "/assets/"]) {
      const { status, headers, body } = await get(on(), path);
      assert.equal(status, 404, path);
      assert.match(headers["content-type"], /^text\/html; charset=utf-8$/, path);
      assert.ok(body.equals(readFileSync(join(html, "404.html"))), path);
    }
  });

  test("nobody sees hidden files", async () => {
    for (const path of ["/.xinfeng/lock", "/.xinfeng/stage/a", "/.xinfeng/", "/.xinfeng", "/%2exinfeng/lock", "//.xinfeng/lock", "/news/../.xinfeng/lock", "/./.xinfeng/lock"]) {
      const { status, body } = await get(on(), path);
      assert.ok(status >= 400 && !body.includes("secret"), `${path}: ${status}`);
    }
  });

  test("a folder's address without its / leads there", async () => {
    const { status, headers } = await get(on(), "/news");
    assert.ok([301, 308].includes(status), `${status}`);
    assert.match(headers.location, /^(\/|http:\/\/127\.0\.0\.1:\d+\/)?news\/$|^\/news\/$/);
  });

  test("every answer carries the security headers, and the server does not name its version", async () => {
    for (const path of ["/", address(asset("js")), "/no/such/page.html", "/.xinfeng/lock", "/calendar.ics"]) {
      const { headers } = await get(on(), path);
      for (const [name, value] of Object.entries(security)) assert.match(headers[name] ?? "none", value, `${path}: ${name}`);
      assert.doesNotMatch(headers.server ?? "", /\d/);
    }
  });

  test("nothing can be written", async () => {
    for (const method of ["POST", "PUT", "DELETE"]) assert.equal((await get(on(), "/robots.txt", {}, method)).status, 405, method);
  });

  test("every kind of page works under the policy, without an error in the console", async () => {
    const browser = await launch();
    const origin = `http://127.0.0.1:${on()}`;
    try {
      const problems = [];
      for (const { kind, path } of specimens()) {
        const context = await visitor(browser);
        const page = await context.newPage();
        page.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(`${kind}: ${message.text()}`));
        page.on("pageerror", (error) => problems.push(`${kind}: ${error.message}`));
        page.on("response", (response) => response.status() >= 400 && problems.push(`${kind}: ${response.status()} ${response.url()}`));
        await page.goto(origin + address(path));
        const styled = await page.evaluate(() => [...document.styleSheets].every((sheet) => sheet.cssRules.length > 0) && document.styleSheets.length > 0);
        if (!styled) problems.push(`${kind}: no style`);
        await context.close();
      }
      none(problems);
    } finally {
      await browser.close();
    }
  });

  test("“xinfeng verify” finds everything as it was published", () => {
    rmSync(join(html, ".xinfeng"), { recursive: true });
    assert.ok(JSON.parse(run("verify", `http://127.0.0.1:${on()}/`, "--json")).ok);
  });
}

describe("7 Deployment: the published sample behind nginx and Caddy", () => {
  const ports = {};
  before(async () => {
    for (const name of ["nginx", "redirect", "caddy"]) ports[name] = await freePort();
    publish();
  });
  after(() => rmSync(temporary, { recursive: true }));

  test("publishing leaves the same files as a build, each text compressed", () => {
    const published = filesOf(html);
    assert.deepEqual(published.filter((path) => !/\.(gz|br)$|^xinfeng-(manifest|key)\.txt$/.test(path)), files);
    assert.ok(published.includes("index.html.gz") && published.includes("index.html.br"));
  });

  describe("nginx", () => {
    let stop;
    before(async () => (stop = await startNginx(ports.nginx, ports.redirect)));
    after(() => stop?.());
    checks(() => ports.nginx);

    test("by HTTP, readers are sent to HTTPS", async () => {
      const { status, headers } = await get(ports.redirect, "/news/?a=1", { Host: "www.example.org" });
      assert.deepEqual([status, headers.location], [301, "https://www.example.org/news/?a=1"]);
    });
  });

  describe("Caddy", () => {
    let stop;
    before(async () => {
      mkdirSync(join(html, ".xinfeng/stage"), { recursive: true });
      for (const name of ["lock", "stage/a"]) writeFileSync(join(html, ".xinfeng", name), "secret");
      stop = await startCaddy(ports.caddy);
    });
    after(() => stop?.());
    checks(() => ports.caddy);

    test("browsers that take Brotli get it", async () => {
      const { headers, body } = await get(ports.caddy, "/", { "Accept-Encoding": "gzip, deflate, br" });
      assert.equal(headers["content-encoding"], "br");
      assert.ok(body.equals(readFileSync(join(html, "index.html.br"))));
    });
  });

  test("the function for CloudFront leads folders to their index", () => {
    const handler = new Function(`${readFileSync(join(samples, "cloudfront-function.js"), "utf8")}; return handler;`)();
    const asked = (uri) => handler({ request: { uri } }).uri;
    assert.deepEqual(["/", "/news/", "/a.html", "/feed.xml"].map(asked), ["/index.html", "/news/index.html", "/a.html", "/feed.xml"]);
  });
});
