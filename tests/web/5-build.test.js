// The build is a pure function: the same bytes anywhere, and nothing to write the second time.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { asOf, files, filesOf, folder, none, root, xinfeng } from "./site.js";

const temporary = mkdtempSync(join(tmpdir(), "xinfeng-build-"));
const other = join(temporary, "elsewhere");

function build(out, environment = {}, ...options) {
  const words = ["build", "--site", root, "--out", out, "--as-of", asOf, "--json", ...options];
  return JSON.parse(execFileSync(xinfeng, words, { cwd: temporary, env: { ...process.env, ...environment }, maxBuffer: 1 << 28 }));
}

describe("5 Build: twice the same", () => {
  after(() => rmSync(temporary, { recursive: true }));

  test("the same bytes in another folder, time zone and language, on one thread", () => {
    build(other, { TZ: "America/New_York", LC_ALL: "en_US.UTF-8", RAYON_NUM_THREADS: "1" });
    assert.deepEqual(filesOf(other), files);
    none(files.filter((path) => !readFileSync(join(folder, path)).equals(readFileSync(join(other, path)))));
  });

  test("a second build into the same folder writes nothing", () => {
    const stamp = ({ ino, mtimeNs, ctimeNs }) => `${ino} ${mtimeNs} ${ctimeNs}`;
    const state = () => files.map((path) => `${path} ${stamp(statSync(join(other, path), { bigint: true }))}`);
    const before = state();
    const { summary } = build(other);
    assert.equal(summary.files, files.length);
    assert.deepEqual([summary.written, summary.removed, summary.rendered], [0, 0, 0]);
    assert.deepEqual(state(), before);
  });

  test("build --verify finds every file as it should be", () => assert.equal(build(other, {}, "--verify").ok, true));
});
