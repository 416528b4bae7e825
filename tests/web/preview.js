// The command `xinfeng serve` at work on a copy of the sample site; what editors do to its files is done here by name.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root, xinfeng } from "./site.js";

/** A copy of the sample site that a test may do anything to. Its theme is the one inside the program. */
export class Site {
  constructor() {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), "xinfeng-preview-")));
    for (const part of ["site.yaml", "content"]) cpSync(join(root, part), join(this.folder, part), { recursive: true });
  }
  path(file) {
    return join(this.folder, file);
  }
  read(file) {
    return readFileSync(this.path(file), "utf8");
  }
  write(file, text) {
    mkdirSync(dirname(this.path(file)), { recursive: true });
    writeFileSync(this.path(file), text);
  }
  /** The file's text with one part replaced. */
  edited(file, from, to) {
    const text = this.read(file);
    if (!text.includes(from)) throw new Error(`${file} does not say “${from}”`);
    return text.replace(from, () => to);
  }
  edit(file, from, to) {
    this.write(file, this.edited(file, from, to));
  }
  /** Puts a new file in the place of the old one, as careful editors save. */
  replace(file, text) {
    this.write(`${file}.tmp`, text);
    this.rename(`${file}.tmp`, file);
  }
  rename(from, to) {
    renameSync(this.path(from), this.path(to));
  }
  delete(file) {
    rmSync(this.path(file));
  }
  /** Lays the theme's own file over the one inside the program; returns its path. */
  layOver(file) {
    const path = `themes/default/${file}`;
    cpSync(join(root, path), this.path(path));
    return path;
  }
  editTheme(file, from, to) {
    this.edit(this.layOver(file), from, to);
  }
  /** Everything that lies in its folder. */
  files() {
    return readdirSync(this.folder, { recursive: true }).sort();
  }
  /** The number of the line that holds this text. */
  lineOf(file, text) {
    return this.read(file).split("\n").findIndex((line) => line.includes(text)) + 1;
  }
  /** The address that opens a file in VS Code, up to the line. */
  editor(file) {
    return `vscode://file${encodeURI(this.path(file))}`;
  }
  remove() {
    rmSync(this.folder, { recursive: true });
  }
}

/** Starts the preview and waits until it has said where it is. */
export async function serve(site, { port = 0, options = [] } = {}) {
  const running = spawn(xinfeng, ["serve", "--site", site.folder, "--lang", "zh", "--port", port, ...options]);
  const ended = once(running, "exit");
  const server = {
    said: "",
    /** Ends it as Ctrl+C does. */
    async stop() {
      running.kill("SIGINT");
      await ended;
    },
  };
  let complaint = "";
  running.stderr.on("data", (text) => (complaint += text));
  await new Promise((ready, failed) => {
    running.on("error", failed);
    running.on("exit", (code) => failed(new Error(`xinfeng serve ended with ${code}: ${complaint}`)));
    running.stdout.on("data", (text) => {
      server.said += text;
      if (server.said.includes("Ctrl+C")) ready();
    });
  });
  server.home = /^网站\s+(\S+)$/m.exec(server.said)[1];
  server.origin = new URL(server.home).origin;
  server.port = Number(new URL(server.home).port);
  return server;
}
