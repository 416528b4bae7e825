// Starts a preview server, opens an article in Chromium, saves the article's file again and again, and times how long
// the open page takes to show it.
//
// Never knows which server it is: both are started, edited and watched alike. The job comes as JSON on the standard
// input, from `measure` in preview.py, and what was measured goes as JSON to the standard output. Start at `main`.
"use strict";
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");
const { chromium } = require(path.join(__dirname, "../tests/web/node_modules/playwright-core"));

const now = () => performance.timeOrigin + performance.now();
const word = (number) => `xfpreview${number}`;
const job = JSON.parse(fs.readFileSync(0, "utf8"));
const opened = job.files.at(-1);
let number = 0; // of the newest save

async function main() {
  const measured = {};
  save([opened]);
  const started = now();
  const output = fs.openSync(job.log, "w");
  const server = spawn(job.command[0], job.command.slice(1), { stdio: ["ignore", output, output] });
  process.on("exit", () => server.kill("SIGKILL"));
  // Where memory runs out, the server has to go, and nothing else on the machine.
  fs.writeFileSync(`/proc/${server.pid}/oom_score_adj`, "1000");
  try {
    measured.start_s = await firstPage(server, started);
    if (measured.start_s !== null) await edit(measured);
    Object.assign(measured, memory(server));
  } catch (error) {
    if (!ended(server)) throw error;
  }
  if (ended(server)) measured.failure = `the server ended by itself (${server.signalCode ?? server.exitCode})`;
  else await stop(server);
  process.stdout.write(JSON.stringify(measured));
}

// ---------------------------------------------------------------------------------------------------------------------
// The server

const ended = (server) => server.exitCode !== null || server.signalCode !== null;

/** Seconds until the article was served with its text; null if that took too long. */
async function firstPage(server, started) {
  const deadline = started + job.patience_s * 1000;
  while (now() < deadline && !ended(server)) {
    const text = await get(AbortSignal.timeout(Math.ceil(deadline - now())));
    if (text.includes(word(number))) return (now() - started) / 1000;
    await sleep(5);
  }
  return null;
}

/** The article as it is served; empty text unless it is. */
const get = (signal) =>
  new Promise((resolve) => {
    const request = http.get(job.url, { agent: false, signal }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => (text += part));
      response.on("error", () => resolve("")).on("close", () => resolve(response.statusCode === 200 ? text : ""));
    });
    request.on("error", () => resolve(""));
  });

function memory(server) {
  const status = fs.readFileSync(`/proc/${server.pid}/status`, "utf8");
  const megabytes = (key) => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, "m").exec(status)[1]) / 1024;
  return { resident_mb: megabytes("VmRSS"), peak_mb: megabytes("VmHWM") };
}

async function stop(server) {
  server.kill("SIGINT");
  for (const deadline = now() + 10_000; !ended(server) && now() < deadline; ) await sleep(50);
  if (!ended(server)) server.kill("SIGKILL");
}

// ---------------------------------------------------------------------------------------------------------------------
// The editor

/**
 * Puts the next word into each file's last paragraph, where no list and no feed shows it, the way an editor saves: a
 * temporary file, renamed into place. Returns the moment before the last file's write: that is the opened one, and how
 * long the others take to be written is not the preview's doing.
 */
function save(files) {
  number += 1;
  const texts = files.map((file) => {
    const text = fs.readFileSync(file, "utf8").replace(/ xfpreview\d+/, "");
    const end = text.lastIndexOf("。");
    return `${text.slice(0, end)} ${word(number)}${text.slice(end)}`;
  });
  let moment;
  files.forEach((file, index) => {
    moment = now();
    const temporary = path.join(path.dirname(file), `.${path.basename(file)}.tmp`);
    fs.writeFileSync(temporary, texts[index]);
    fs.renameSync(temporary, file);
  });
  return moment;
}

async function edit(measured) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // The pages name their published address; nothing but the server is to be reached.
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(job.edit_patience_s * 1000);
    const seen = new Map(); // a word → when the page first showed it
    let wake = () => {};
    await page.exposeFunction("previewSeen", (found, moment) => {
      if (!seen.has(found)) seen.set(found, moment);
      wake();
    });
    await page.addInitScript(watch);
    await page.goto(job.url);
    await sleep(1000); // The page's own script has found its server by then.
    const random = generator(job.seed);
    const pause = () => sleep(150 + 250 * random());

    /** Seconds from each save to its word in the page; null for a save that was not shown. */
    const series = async (count, files) => {
      const times = [];
      for (const deadline = now() + job.patience_s * 1000; times.length < count && now() < deadline; ) {
        const moment = save(files);
        const expected = word(number);
        while (!seen.has(expected) && now() < moment + job.edit_patience_s * 1000) {
          const told = new Promise((resolve) => (wake = resolve));
          await Promise.race([told, sleep(1000)]);
        }
        times.push(seen.has(expected) ? (seen.get(expected) - moment) / 1000 : null);
        // Whoever misses a change reloads the page by hand.
        if (times.at(-1) === null) await page.goto(job.url).catch(() => {});
        await pause();
      }
      return times;
    };

    measured.clocks = [await clock(page)];
    measured.edits_s = await series(job.edits, [opened]);
    measured.together_s = await series(job.rounds, job.files);
    await sleep(1000);
    measured.clocks.push(await clock(page));
  } finally {
    await browser.close();
  }
}

/** Runs in the page before anything of its own, and again after each reload: tells each new word in the article's body. */
function watch() {
  let last;
  const look = () => {
    const moment = performance.timeOrigin + performance.now();
    const found = document.querySelector(".prose")?.textContent.match(/xfpreview\d+/)?.[0];
    if (found && found !== last) window.previewSeen((last = found), moment);
  };
  new MutationObserver(look).observe(document, { childList: true, characterData: true, subtree: true });
}

/** How far the page's clock is ahead of ours, from the quickest of many questions; it is off by half a round trip at most. */
async function clock(page) {
  let best = { round_trip_ms: Infinity };
  for (let question = 0; question < 100; question++) {
    const before = now();
    const there = await page.evaluate(() => performance.timeOrigin + performance.now());
    const after = now();
    if (after - before < best.round_trip_ms) best = { round_trip_ms: after - before, offset_ms: there - (before + after) / 2 };
  }
  return best;
}

/** The same pauses for both servers: Mulberry32. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

main();
